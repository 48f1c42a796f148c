"""Reading ready-made models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def load_model(path: Path, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The Keras model of a file."""
    from tinybench.tensorflow import load

    return load().keras.models.load_model(path, custom_objects=dict(custom_objects or {}))
