"""Compiled training is Keras' `fit`, bit for bit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.tasks import Dataset, Recipe, Split, Task
from tinybench.tasks.linear import TASKS as LINEAR
from tinybench.tasks.sine import noisy_sine
from tinybench.tensorflow import Keras, KerasModel, load
from tinybench.training import stages
from tinybench.training.checkpoint import Checkpoint, CheckpointError
from tinybench.training.errors import TrainingError
from tinybench.training.unfinished import StageMemory, Unfinished

pytestmark = pytest.mark.slow

LINEAR_SHORT = replace(
    LINEAR[0], recipe=replace(LINEAR[0].recipe, epochs=4, fine_tune_epochs=2), checkpoints=None
)


def compiled(task: Task, seed: int) -> Checkpoint:
    return stages.train(task, "float32", seed=seed)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("batch_size", [64, 100, 32], ids=lambda size: f"batch{size}")
def test_weights_are_those_of_fit(small: Task, seed: int, batch_size: int) -> None:
    """Same seed, same data: every weight has the bits that `fit` gives it.

    Batches of 64 and 32 leave a smaller last one of the 600 samples; 100 does not.
    """
    task = replace(small, recipe=replace(small.recipe, batch_size=batch_size))
    keras, data, recipe = load().keras, task.dataset(), task.recipe
    model = stages.new_model(task, seed)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), loss="mse", metrics=["mae"])

    history = model.fit(
        data.train.x,
        data.train.y,
        batch_size=batch_size,
        epochs=recipe.epochs,
        validation_data=(data.validation.x, data.validation.y),
        verbose=0,
    ).history
    ours = compiled(task, seed)

    for expected, found in zip(model.get_weights(), ours.weights.values(), strict=True):
        assert expected.tobytes() == found.tobytes()
    # The curves are means over samples, in another order of summation than Keras'.
    names = {"loss": "loss", "val_loss": "val_loss", "val_mae": "val_mean_absolute_error"}
    for theirs, name in names.items():
        np.testing.assert_allclose(history[theirs], ours.history[name], rtol=1e-6)


def normalized(keras: Keras) -> list[Any]:
    layers = keras.layers
    return [layers.Conv2D(4, 3, use_bias=False), layers.BatchNormalization(), layers.ReLU()]


def regularized(keras: Keras) -> list[Any]:
    penalty = keras.regularizers.L2(1e-3)
    return [keras.layers.DepthwiseConv2D(3, depthwise_regularizer=penalty)]


def dropped(keras: Keras) -> list[Any]:
    return [keras.layers.Conv2D(4, 3), keras.layers.Dropout(0.3)]


@pytest.mark.parametrize("layers", [normalized, regularized, dropped])
def test_weights_of_a_classifier_are_those_of_fit(
    layers: Callable[[Keras], list[Any]], pictures: Dataset
) -> None:
    """Also where layers keep statistics, add to the loss, or draw random numbers."""

    def build(keras: Keras) -> KerasModel:
        head = [keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
        return keras.Sequential([keras.Input((8, 8, 1)), *layers(keras), *head])

    loss, metric = "CategoricalCrossentropy", "categorical_accuracy"
    recipe = Recipe(epochs=2, batch_size=32, loss=loss, metric=metric)
    task = Task("pictures", "Noise", lambda seed: pictures, build, recipe, bounds={})
    keras = load().keras
    model = stages.new_model(task, 1)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), loss="categorical_crossentropy")

    model.fit(pictures.train.x, pictures.train.y, batch_size=32, epochs=2, verbose=0)
    ours = compiled(task, 1)

    for expected, found in zip(model.get_weights(), ours.weights.values(), strict=True):
        assert expected.tobytes() == found.tobytes()


@pytest.fixture
def pictures() -> Dataset:
    """Three classes of grey noise, told apart by its brightness."""
    random = np.random.default_rng(1)

    def split(count: int) -> Split:
        classes = random.integers(0, 3, count)
        x = random.normal(size=(count, 8, 8, 1)) + classes[:, None, None, None]
        return Split(x.astype(np.float32), np.eye(3, dtype=np.float32)[classes])

    return Dataset(split(96), split(32), split(32), "noise")


def test_quantization_aware_weights_are_those_of_fit(small: Task) -> None:
    """The same holds for quantization-aware training, with its moving ranges."""
    keras, data, recipe = load().keras, small.dataset(), small.recipe
    start = compiled(small, 1)
    model = stages.quantization_aware(stages.restore(small, start))
    keras.utils.set_random_seed(1)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), loss="mse")

    model.fit(data.train.x, data.train.y, batch_size=64, epochs=recipe.fine_tune_epochs, verbose=0)
    ours = stages.train(small, "qat", start=start)

    for expected, found in zip(model.get_weights(), ours.weights.values(), strict=True):
        assert np.asarray(expected).tobytes() == found.tobytes()


def test_same_weights_whatever_was_built_before(small: Task) -> None:
    """Names and hashes do not count the models that the process made."""
    first = compiled(small, 1)
    compiled(LINEAR_SHORT, 1)

    assert compiled(small, 1).sha256 == first.sha256
    assert list(first.weights)[:2] == ["dense_0/kernel", "dense_0/bias"]


def test_restore(small: Task) -> None:
    """A checkpoint gives back the model that predicts the same."""
    found = compiled(small, 1)

    model = stages.restore(small, Checkpoint.from_bytes(found.to_bytes(), "here"))

    for expected, value in zip(found.weights.values(), model.get_weights(), strict=True):
        assert expected.tobytes() == value.tobytes()


def test_another_architecture_is_refused(small: Task) -> None:
    """Weights of the same shapes do not fit a net with other activations."""
    found = compiled(small, 1)

    def tanh(keras: object) -> object:
        layers = load().keras.layers
        sizes = [layers.Dense(count, activation="tanh") for count in (8, 4)]
        return load().keras.Sequential([load().keras.Input((1,)), *sizes, layers.Dense(1)])

    with pytest.raises(CheckpointError, match="'small' has another architecture than its float32"):
        stages.restore(replace(small, build=tanh), found)


def test_progress(small: Task) -> None:
    """Long work reports from nothing to everything."""
    seen: list[tuple[int, int]] = []

    stages.train(small, "float32", progress=lambda done, total: seen.append((done, total)))

    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_divergence_is_an_error(small: Task) -> None:
    """A NaN loss ends the training and names task and seed."""
    task = replace(small, recipe=Recipe(epochs=60, batch_size=600, learning_rate=1e30))

    with pytest.raises(
        TrainingError, match=r"task 'small', stage float32, seed 1: the loss became"
    ):
        compiled(task, 1)


def test_a_model_of_another_keras_is_refused(small: Task) -> None:
    """Keras 3 models cannot be made quantization-aware; the error says what to use."""
    with pytest.raises(TypeError, match="make the model with the keras module that build"):
        stages.new_model(replace(small, build=lambda keras: object()), 1)


def test_data_depend_on_their_own_seed_only(small: Task) -> None:
    """Training with another seed keeps the task's data."""
    assert small.dataset().sha256 == noisy_sine(1).sha256
    assert compiled(small, 1).sha256 != compiled(small, 2).sha256


PATIENT = Recipe(epochs=60, batch_size=64, learning_rate=0.1, patience=2)


def test_early_stopping_is_keras_own(small: Task) -> None:
    """With patience, the weights are those of `fit` with EarlyStopping and its best weights."""
    task = replace(small, recipe=PATIENT)
    keras, data = load().keras, task.dataset()
    model = stages.new_model(task, 1)
    model.compile(keras.optimizers.Adam(PATIENT.learning_rate), loss="mse")
    stopping = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)

    history = model.fit(
        data.train.x,
        data.train.y,
        batch_size=64,
        epochs=60,
        validation_data=(data.validation.x, data.validation.y),
        callbacks=[stopping],
        verbose=0,
    ).history
    ours = compiled(task, 1)

    assert len(history["loss"]) < 60
    assert len(ours.history["loss"]) == len(history["loss"])
    assert ours.provenance["epochs"] == len(history["loss"])
    for expected, found in zip(model.get_weights(), ours.weights.values(), strict=True):
        assert expected.tobytes() == found.tobytes()


def interrupted(task: Task, stage: str, at: int, memory: StageMemory, start: Checkpoint) -> None:
    """Train until epoch `at`, and stop there as Ctrl-C does."""

    def stop(done: int, total: int) -> None:
        if done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stages.train(task, stage, start=start, progress=stop, memory=memory)


@pytest.mark.parametrize("stage", ["float32", "qat"])
@pytest.mark.parametrize("patience", [None, 3])
def test_an_interrupted_training_ends_with_the_same_weights(
    small: Task, stage: str, patience: int | None, tmp_path: Path
) -> None:
    recipe = Recipe(8, 64, 0.03, patience=patience, fine_tune_epochs=6)
    task = replace(small, recipe=recipe)
    start = compiled(task, 1)
    memory = Unfinished(tmp_path, "small", {}, seconds=0).stage(stage)
    interrupted(task, stage, 2, memory, start)
    seen: list[int] = []

    resumed = stages.train(
        task, stage, start=start, progress=lambda done, _: seen.append(done), memory=memory
    )

    assert seen[0] == 2
    assert resumed.sha256 == stages.train(task, stage, start=start).sha256


def test_dropout_starts_again(small: Task, tmp_path: Path) -> None:
    """The state of its random numbers cannot be kept, so nothing is."""

    def build(keras: Keras) -> KerasModel:
        layers = keras.layers
        return keras.Sequential([keras.Input((1,)), layers.Dropout(0.1), layers.Dense(1)])

    memory = Unfinished(tmp_path, "small", {}, seconds=0).stage("float32")
    stages.train(replace(small, build=build, initialize=None), "float32", memory=memory)

    assert memory.recall() is None


def test_finished_stages_are_kept_until_all_is_done(small: Task, tmp_path: Path) -> None:
    unfinished = Unfinished(tmp_path, "small", {"seed": 1})
    found = compiled(small, 1)
    unfinished.finish("float32", found)

    kept = Unfinished(tmp_path, "small", {"seed": 1}).finished("float32")

    assert kept is not None
    assert kept.sha256 == found.sha256
    assert Unfinished(tmp_path, "small", {"seed": 2}).finished("float32") is None
    unfinished.clear()
    assert unfinished.finished("float32") is None


def test_a_model_with_branches_is_trained_quantization_aware(small: Task) -> None:
    """Renaming its layers leaves a functional model's connections as they were."""

    def build(keras: Keras) -> KerasModel:
        x = keras.Input((1,))
        branches = [keras.layers.Dense(4, activation="relu")(x) for _ in range(2)]
        return keras.Model(x, keras.layers.Dense(1)(keras.layers.Add()(branches)))

    task = replace(small, build=build, initialize=None)
    start = compiled(task, 1)

    found = stages.train(task, "qat", start=start)

    names = [layer.name for layer in stages.restore(task, found).layers]
    assert names[2:] == ["quant_dense_0", "quant_dense_1", "quant_add_0", "quant_dense_2"]
