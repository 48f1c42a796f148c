"""What a Keras model computes, as a hash."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinybench.storage import hashing
from tinybench.tensorflow import KerasModel


def architecture(model: KerasModel) -> str:
    """Hash of the model's configuration without the names, which compute nothing.

    A subclassed model and the function of a SavedModel have none: then it is the hash of the
    weights' shapes.
    """

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: strip(item)
                for key, item in value.items()
                if key not in ("name", "registered_name", "module", "build_config")
            }
        if isinstance(value, (list, tuple)):
            return [strip(item) for item in value]
        return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)

    try:
        config = model.get_config()
    except (NotImplementedError, AttributeError):
        config = [type(model).__name__, *(list(weight.shape) for weight in model.weights)]
    return hashing.of_json(strip(config))


def architecture_and_weights(model: KerasModel) -> str:
    """Hash of all that decides what a Keras model computes."""
    weights = {str(at): np.asarray(value) for at, value in enumerate(model.get_weights())}
    return hashing.of_json([architecture(model), hashing.of_arrays(weights)])
