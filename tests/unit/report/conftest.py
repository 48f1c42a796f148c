"""A small real document: two tasks, few variants, with sizes published and a study of seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tinybench.document import Document, read

MEDIAN = {"min": 0.0099, "q25": 0.0101, "median": 0.0105, "q75": 0.012, "max": 0.17}


@pytest.fixture
def document() -> Document:
    """Read anew for every test, which may change it."""
    return read(Path(__file__).parent / "document.json")


@pytest.fixture
def study() -> dict[str, Any]:
    """What a task's entry holds under `seeds`."""
    return {
        "seeds": 100,
        "failed": 29,
        "failed_above": 0.05000000000000001,
        "float32": {"mse": MEDIAN},
        "int8": {"mse": MEDIAN, "mse_vs_float32": MEDIAN},
        "recipe": {"epochs": 500},
        "versions": {"python": "3.11.7"},
    }
