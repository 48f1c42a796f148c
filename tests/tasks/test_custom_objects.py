"""A module of custom objects also has what it imports: of any kind, and not all with a source."""

import functools
import math
from pathlib import Path
from typing import Any

import numpy as np

from tinybench.tasks import Task

MODEL = Path(__file__).parents[1] / "tflite" / "models" / "dense-int8.tflite"


class Mine:
    """Stands for a layer."""


@functools.cache
def kept() -> int:
    return 1


def test_only_what_has_a_source_stands_in_a_key() -> None:
    objects: dict[str, Any] = {"Mine": Mine, "kept": kept, "sqrt": math.sqrt, "Any": Any}
    objects |= {"int": int, "ufunc": np.add, "part": functools.partial(print, end="")}

    plain, found = (
        Task.of(MODEL, (np.zeros((10, 1)),), custom_objects=each).code() for each in ({}, objects)
    )

    assert [one.split()[0] for one in found if one not in plain][:2] == ["Mine", "kept"]
