"""What is timed: with one sample of each input, in the types of the model."""

from pathlib import Path

import numpy as np
import pytest

from tinybench.artifacts import Artifacts
from tinybench.datasets.data import Dataset, Split
from tinybench.runtimes import RUNTIMES
from tinybench.tasks import Task
from tinybench.timing import sides

PATH = Path(__file__).parents[1] / "tflite" / "models" / "two-inputs-int8.tflite"


@pytest.mark.parametrize("name", ["litert", "tflm"])
def test_a_file_with_two_inputs(name: str) -> None:
    side = sides.of_file(PATH, RUNTIMES.get(name))

    call, _kept = side.load()
    call()

    assert [one.dtype.name for one in side.sample] == ["int8", "int8"]


def test_a_task_with_two_inputs(artifacts: Artifacts) -> None:
    """By their names, in the model's order; each in its own scale."""
    shapes = [one.shape for one in sides.of_file(PATH, RUNTIMES.get("litert")).sample]
    inputs = {f"i{at}": np.full((3, *shape), at, np.float32) for at, shape in enumerate(shapes)}
    split = Split(inputs, None)
    task = Task.of(PATH, Dataset(split, split, split, "made up"))

    side = sides.of_task("two", PATH.read_bytes(), task, RUNTIMES.get("litert"), artifacts)

    assert [one.shape for one in side.sample] == shapes
    call, _kept = side.load()
    call()
