"""Compiled training is Keras' `fit`, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest

from tinybench import training
from tinybench.backend import load
from tinybench.checkpoint import Checkpoint, CheckpointError
from tinybench.tasks import Recipe, Task
from tinybench.tasks.linear import TASKS as LINEAR
from tinybench.tasks.sine import noisy_sine
from tinybench.training import TrainingError

LINEAR_SHORT = replace(
    LINEAR[0], recipe=replace(LINEAR[0].recipe, epochs=4, fine_tune_epochs=2), checkpoints=None
)


def compiled(task: Task, seed: int) -> Checkpoint:
    return training.train(task, "float32", seed=seed)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("batch_size", [64, 100, 32], ids=lambda size: f"batch{size}")
def test_weights_are_those_of_fit(small: Task, seed: int, batch_size: int) -> None:
    """Same seed, same data: every weight has the bits that `fit` gives it.

    Batches of 64 and 32 leave a smaller last one of the 600 samples; 100 does not.
    """
    task = replace(small, recipe=replace(small.recipe, batch_size=batch_size))
    keras, data, recipe = load().keras, task.dataset(), task.recipe
    model = training.new_model(task, seed)
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


def test_quantization_aware_weights_are_those_of_fit(small: Task) -> None:
    """The same holds for quantization-aware training, with its moving ranges."""
    keras, data, recipe = load().keras, small.dataset(), small.recipe
    start = compiled(small, 1)
    model = training.quantization_aware(training.restore(small, start))
    keras.utils.set_random_seed(1)
    model.compile(keras.optimizers.Adam(recipe.learning_rate), loss="mse")

    model.fit(data.train.x, data.train.y, batch_size=64, epochs=recipe.fine_tune_epochs, verbose=0)
    ours = training.train(small, "qat", start=start)

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

    model = training.restore(small, Checkpoint.from_bytes(found.to_bytes(), "here"))

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
        training.restore(replace(small, build=tanh), found)


def test_progress(small: Task) -> None:
    """Long work reports from nothing to everything."""
    seen: list[tuple[int, int]] = []

    training.train(small, "float32", progress=lambda done, total: seen.append((done, total)))

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
        training.new_model(replace(small, build=lambda keras: object()), 1)


def test_data_depend_on_their_own_seed_only(small: Task) -> None:
    """Training with another seed keeps the task's data."""
    assert small.dataset().sha256 == noisy_sine(1).sha256
    assert compiled(small, 1).sha256 != compiled(small, 2).sha256
