"""Losses in every form that people have them, for one output and for several."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tinybench.tasks import Dataset, Recipe, Split, Task
from tinybench.tasks.losses import Objective
from tinybench.tensorflow import Keras, KerasModel, load
from tinybench.training import stages
from tinybench.training.errors import TrainingError

pytestmark = pytest.mark.slow

LOGITS = "CategoricalCrossentropy", {"from_logits": True}


def from_object(keras: Keras) -> Any:
    return keras.losses.CategoricalCrossentropy(from_logits=True)


def from_function(keras: Keras) -> Any:
    def crossentropy(truth: Any, prediction: Any) -> Any:
        return keras.losses.categorical_crossentropy(truth, prediction, from_logits=True)

    return crossentropy


def scores(keras: Keras) -> KerasModel:
    layers = keras.layers
    stack = [keras.Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(3)]
    return keras.Sequential(stack)


def two_heads(keras: Keras) -> KerasModel:
    layers = keras.layers
    pixels, age = keras.Input((6,), name="pixels"), keras.Input((1,), name="age")
    shared = layers.Dense(8, activation="relu")(layers.Concatenate()([pixels, age]))
    kind = layers.Dense(3, activation="softmax", name="kind")(shared)
    return keras.Model([pixels, age], [kind, layers.Dense(1, name="size")(shared)])


def classes(seed: int) -> Dataset:
    """Three classes of six numbers, one-hot."""
    random = np.random.default_rng(seed)
    plane = random.normal(size=(6, 3))

    def split(count: int) -> Split:
        x = random.normal(size=(count, 6)).astype(np.float32)
        return Split(x, np.eye(3, dtype=np.float32)[np.argmax(x @ plane, axis=1)])

    return Dataset(split(150), split(60), split(60), "made")


def numbered(seed: int) -> Dataset:
    """The same with class numbers."""
    found = classes(seed)
    parts = (replace(one, y=np.argmax(one.y, axis=1)) for one in found.splits().values())
    train, validation, test = parts
    return Dataset(train, validation, test, "made")


def weighted(seed: int) -> Dataset:
    """The same, with the first class's samples counting for little."""
    found = classes(seed)
    parts = (
        replace(one, weights=np.where(one.y[:, 0] > 0, 0.1, 1).astype(np.float32))
        for one in found.splits().values()
    )
    train, validation, test = parts
    return Dataset(train, validation, test, "made")


def both(seed: int) -> Dataset:
    """Two inputs and two targets, each named in another order than the model's."""

    def split(one: Split) -> Split:
        x = {"age": one.x[:, :1], "pixels": one.x}
        return Split(x, {"size": one.x[:, :1] * 2, "kind": np.argmax(one.y, axis=1)})

    train, validation, test = map(split, classes(seed).splits().values())
    return Dataset(train, validation, test, "made")


def task(data: Callable[[int], Dataset], recipe: Recipe, build: Any = scores) -> Task:
    return Task("mine", "Mine", data, build, recipe)


def recipe(loss: Objective, **more: Any) -> Recipe:
    return Recipe(epochs=3, batch_size=32, loss=loss, fine_tune_epochs=1, **more)


def test_a_loss_keeps_its_arguments_in_every_form() -> None:
    """A name with arguments, an object and a function train to the same bits, a name alone not."""
    keras = load().keras
    forms = [LOGITS, from_object(keras), from_function(keras), "CategoricalCrossentropy"]

    first, *others, plain = (
        stages.train(task(classes, recipe(one, metric="categorical_accuracy")), "float32")
        for one in forms
    )

    assert [_bits(one) for one in others] == [_bits(first)] * 2
    assert _bits(plain) != _bits(first)


def _bits(checkpoint: Any) -> list[bytes]:
    return [value.tobytes() for value in checkpoint.weights.values()]


def test_class_numbers_train_as_one_hot_rows() -> None:
    """To the rounding of sums; without a stated metric it is the share of right classes."""
    sparse = "SparseCategoricalCrossentropy", {"from_logits": True}
    one_hot = stages.train(task(classes, recipe(LOGITS)), "float32")

    found = stages.train(task(numbered, recipe(sparse)), "float32")

    for expected, value in zip(one_hot.weights.values(), found.weights.values(), strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-5)
    assert "val_sparse_categorical_accuracy" in found.history


def test_weights_of_samples_are_those_of_fit() -> None:
    keras, data = load().keras, weighted(1)
    mine = task(weighted, recipe(LOGITS, metric=from_metric(keras)))
    model = stages.new_model(mine, 1)
    model.compile(keras.optimizers.Adam(1e-3), loss=from_object(keras))

    model.fit(
        data.train.x,
        data.train.y,
        sample_weight=data.train.weights,
        batch_size=32,
        epochs=3,
        verbose=0,
    )
    found = stages.train(mine, "float32")
    plain = stages.train(task(classes, mine.recipe), "float32")

    for expected, value in zip(model.get_weights(), found.weights.values(), strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-6)
    assert _bits(plain) != _bits(found)


def from_metric(keras: Keras) -> Any:
    return keras.metrics.CategoricalAccuracy()


@pytest.mark.parametrize("stage", ["float32", "qat"])
def test_two_inputs_and_outputs_are_those_of_fit(stage: str) -> None:
    """By their names, also in quantization-aware training, where layers have others."""
    keras, data = load().keras, both(1)
    losses = {"size": "MeanSquaredError", "kind": "SparseCategoricalCrossentropy"}
    mine = task(both, recipe(losses, loss_weights={"size": 0.5, "kind": 2.0}), two_heads)
    model = stages.new_model(mine, 1)
    start = None if stage == "float32" else stages.train(mine, "float32")
    if start:
        model = stages.quantization_aware(stages.restore(mine, start))
        keras.utils.set_random_seed(1)
    model.compile(
        keras.optimizers.Adam(1e-3),
        loss=[keras.losses.SparseCategoricalCrossentropy(), keras.losses.MeanSquaredError()],
        loss_weights=[2.0, 0.5],
    )

    model.fit(
        [data.train.x["pixels"], data.train.x["age"]],
        [data.train.y["kind"], data.train.y["size"]],
        batch_size=32,
        epochs=3 if stage == "float32" else 1,
        verbose=0,
    )
    found = stages.train(mine, stage, start=start)

    for expected, value in zip(model.get_weights(), found.weights.values(), strict=True):
        np.testing.assert_allclose(value, expected, atol=1e-5)
    names = {"loss", "sparse_categorical_accuracy@kind", "mean_absolute_error@size"}
    assert names == {name for name in found.history if not name.startswith("val_")}


@pytest.mark.parametrize(
    ("data", "loss", "message"),
    [
        (classes, "CategoricalCrossEntropy", "did you mean 'CategoricalCrossentropy'"),
        (classes, ("Huber", {"detla": 1}), "loss Huber cannot be made"),
        (both, {"kind": "Huber"}, "loss is for kind, but the outputs are kind, size"),
        (numbered, lambda truth, prediction: prediction * np.nan, "the loss became NaN"),
    ],
    ids=["misspelt", "wrong argument", "an output without", "NaN"],
)
def test_what_cannot_be_trained_is_one_line(data: Any, loss: Objective, message: str) -> None:
    mine = task(data, recipe(loss), two_heads if data is both else scores)

    with pytest.raises(TrainingError, match=message) as found:
        stages.train(mine, "float32")

    assert str(found.value).startswith("task 'mine', stage float32, seed 1: ")


def test_what_decides_weights_is_json() -> None:
    """Arguments count; a recipe with any loss can be hashed."""
    keras = load().keras
    forms = [LOGITS, from_object(keras), from_function(keras), {"a": LOGITS, "b": "Huber"}]

    found = [recipe(one).deciding()["loss"] for one in forms]

    assert json.loads(json.dumps(found[0])) == ["CategoricalCrossentropy", {"from_logits": True}]
    assert found[1]["config"]["from_logits"] is True
    assert "from_function" in found[2]
    assert len({recipe(one) for one in forms}) == 4
    assert recipe("Huber").deciding()["loss"] == "Huber"
