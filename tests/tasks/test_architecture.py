"""The hash of an architecture is the same with every version of Keras that is tried."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinybench.tasks import TASKS
from tinybench.tasks import architecture as module
from tinybench.tasks.architecture import Defaults, architecture
from tinybench.tensorflow import Keras, load, load_keras3
from tinybench.training.stages import new_model

pytestmark = pytest.mark.slow


def older(model: Any, written: Defaults, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a model say what an older Keras says of it."""

    def without(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [without(item) for item in value]
        if not isinstance(value, dict):
            return value
        name = value.get("class_name", "")
        lacks = written.get("RandomContrast" if name == "Quieter" else name, {})
        return {
            key: {one: without(item[one]) for one in item if one not in lacks}
            if key == "config" and isinstance(item, dict)
            else without(item)
            for key, item in value.items()
        }

    config = without(model.get_config())
    monkeypatch.setattr(model, "get_config", lambda: config)


def net(keras: Keras) -> Any:
    layers = keras.layers

    class Quieter(layers.RandomContrast):  # type: ignore[misc, name-defined]
        """A class of a user's, which writes what the class does that it is derived from."""

    x = first = keras.Input((4, 4))
    x = layers.MultiHeadAttention(2, 3)(x, x)
    x = layers.Dense(4, kernel_initializer="he_normal")(layers.BatchNormalization()(x))
    x = Quieter(0.1)(layers.Reshape((4, 4, 1))(x))
    x = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2DTranspose(2, 3)])(x)
    return keras.Model(first, layers.TimeDistributed(layers.Dense(2))(x))


@pytest.mark.parametrize("task", list(TASKS), ids=lambda task: task.name)
def test_committed_checkpoints_are_of_their_tasks(task: Any) -> None:
    """With whatever Keras is installed: tox -e tf218 runs this with the oldest."""
    assert task.checkpoints is not None
    note = json.loads((task.checkpoints / "float32.json").read_text(encoding="utf-8"))

    assert architecture(new_model(task, 1)) == note["definition"]["architecture"]


@pytest.mark.parametrize(
    ("of", "written"),
    [(lambda: load().keras, module.KERAS2), (load_keras3, module.KERAS3)],
    ids=["Keras 2", "Keras 3"],
)
def test_what_older_versions_do_not_write_is_added(
    of: Callable[[], Keras], written: Defaults, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In nested models, wrapped layers, initializers and classes that are derived, too."""
    model = net(of())
    expected, newer = architecture(model), model.get_config()
    older(model, written, monkeypatch)

    assert model.get_config() != newer
    assert architecture(model) == expected


def test_another_value_is_another_architecture() -> None:
    """Only what is not written is added."""
    layers = load().keras.layers
    models = [
        load().keras.Sequential([layers.InputLayer((4,), optional=optional), layers.Dense(2)])
        for optional in (False, True)
    ]

    assert architecture(models[0]) != architecture(models[1])


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (np.int64(-1), "np.int64(-1)"),
        (np.float32(0.1), "np.float32(0.1)"),
        (np.bool_(True), "np.True_"),
    ],
    ids=str,
)
def test_numbers_of_numpy_are_written_as_by_numpy_2(number: np.generic, text: str) -> None:
    """NumPy 1.26 writes -1 for the first."""
    assert module._text(number) == text
