"""The keyword tasks: their nets, and the same on other words."""

from pathlib import Path

import numpy as np
import pytest

from tinybench.conversion.variants import VARIANTS, convert
from tinybench.datasets.features import GRID
from tinybench.tasks import Task, keyword
from tinybench.tensorflow import load
from tinybench.tflite.reading import read
from tinybench.tflite.work import macs
from tinybench.training import stages

TASKS = {task.name: task for task in keyword.TASKS}
SEPARABLE = ["CONV_2D", *["DEPTHWISE_CONV_2D", "CONV_2D"] * 3]


@pytest.mark.parametrize(
    ("name", "operators", "expected"),
    [
        ("keyword", ["DEPTHWISE_CONV_2D", "RESHAPE", "FULLY_CONNECTED", "SOFTMAX"], 336_000),
        (
            "keyword-dscnn",
            [*SEPARABLE, "MEAN", "FULLY_CONNECTED", "SOFTMAX"],
            500 * 32 * (40 + 3 * (9 + 32)) + 32 * 4,
        ),
    ],
)
def test_nets(name: str, operators: list[str], expected: int) -> None:
    """micro_speech's operators and 336,000 multiply-accumulates; a 25x20 map of 32 filters."""
    net = stages.new_model(TASKS[name], seed=1)
    inputs = np.random.default_rng(1).random((8, 49, 40, 1), np.float32)

    model = read(convert(net, VARIANTS.get("int8"), inputs))

    assert [operator.name for operator in model.operators] == operators
    assert macs(model) == expected


@pytest.mark.parametrize("name", TASKS)
def test_training_can_be_resumed(name: str) -> None:
    """No layer draws random numbers, whose state could not be kept."""
    net = stages.new_model(TASKS[name], seed=1)

    assert not [layer for layer in net.layers if "dropout" in type(layer).__name__.lower()]


@pytest.mark.parametrize("name", TASKS)
def test_other_words(name: str) -> None:
    """Spoken by eSpeak NG: nothing of the shipped task stays but the net and how it is trained."""
    task = TASKS[name]
    assert task.elsewhere is not None

    other = task.elsewhere(None, ("fire", "anna", "unknown"))

    assert other.labels == ("silence", "unknown", "fire", "anna")
    assert (other.checkpoints, other.shipped, other.bounds) == (None, None, {})
    assert other.grid == GRID
    assert other.recipe == task.recipe
    assert stages.new_model(other, 1).output_shape == (None, 4)
    assert other.code() != task.code()


def test_other_words_default_to_the_built_in() -> None:
    task = TASKS["keyword"]
    assert task.elsewhere is not None

    assert task.elsewhere(None, ()).labels == task.labels == ("silence", "unknown", "yes", "no")


def test_a_folder_has_its_own_classes(tmp_path: Path) -> None:
    """Without other words there is no unknown."""
    for word in ("ja", "nein", "doch"):
        (tmp_path / word).mkdir()
    elsewhere = TASKS["keyword"].elsewhere
    assert elsewhere is not None

    assert elsewhere(tmp_path, ()).labels == ("silence", "doch", "ja", "nein")
    assert elsewhere(tmp_path, ("ja",)).labels == ("silence", "unknown", "ja")
    assert _outputs(elsewhere(tmp_path, ("ja",))) == 3


def _outputs(task: Task) -> int:
    return int(task.build(load().keras).output_shape[1])
