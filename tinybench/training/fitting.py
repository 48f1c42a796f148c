"""The training loop: the very weights of Keras' `fit`, without its overhead, and resumable.

`fit` spends most of its time between steps. Here all steps of an epoch, and several epochs, are
loops inside one `tf.function`, over the permutations that `fit` would draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tinybench.console.progress import Progress, silent
from tinybench.errors import TinybenchError
from tinybench.tasks import Dataset, Recipe
from tinybench.tensorflow import KerasModel, load

PROGRESS_UPDATES = 50

Arrays = dict[str, NDArray[Any]]


class TrainingError(TinybenchError, RuntimeError):
    """Training that did not end with usable weights."""


class Memory(Protocol):
    """Where an unfinished training is kept."""

    def recall(self) -> Mapping[str, NDArray[Any]] | None:
        """What was kept last, or None."""

    def keep(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep these arrays instead."""


class Forgetful:
    """Keeps nothing: training starts at the first epoch."""

    def recall(self) -> None:
        """Nothing."""

    def keep(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep nothing."""


@dataclass(slots=True)
class _Course:
    """How far training is: curves so far, and the best epoch's weights where they are wanted.

    `best` counts epochs from 1; 0 says that there is none yet.
    """

    patience: int | None
    curves: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 4), np.float32))
    best: int = 0
    weights: list[NDArray[Any]] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        return len(self.curves)

    @property
    def stopped(self) -> bool:
        """Whether the last epochs brought nothing."""
        return self.patience is not None and self.epochs - self.best >= self.patience > 0

    def add(self, curves: NDArray[np.float32], model: KerasModel) -> None:
        """Add the curves of further epochs; with patience, one epoch at a time."""
        self.curves = np.concatenate([self.curves, curves])
        if not np.isfinite(curves).all():
            raise TrainingError(f"the loss became NaN or infinite by epoch {self.epochs}")
        if self.patience is not None and self.epochs == 1 + np.argmin(self.curves[:, 2]):
            self.best, self.weights = self.epochs, model.get_weights()


def permutations(samples: int, epochs: int) -> NDArray[np.int64]:
    """The orders (epochs, samples) that `fit` shuffles by next, from TensorFlow's global seed.

    The operations and their number are those of tf_keras' `TensorLikeDataAdapter`, because
    TensorFlow derives an operation's seed from its position in the graph.
    """
    tf = load().tf

    def shuffled(_: Any) -> Any:
        return tf.random.shuffle(tf.range(samples, dtype=tf.int64))

    orders = tf.data.Dataset.range(1).repeat(epochs).map(shuffled).batch(epochs)
    return np.asarray(next(iter(orders)).numpy())


def fit(
    model: KerasModel,
    data: Dataset,
    recipe: Recipe,
    epochs: int,
    progress: Progress = silent,
    *,
    learning_rate: float | None = None,
    memory: Memory | None = None,
) -> dict[str, NDArray[np.float32]]:
    """Train in place as `model.fit(..., shuffle=True)` would; return curves, a value an epoch.

    The weights are bit-identical to `fit`'s, and with `recipe.patience` to those of `fit` with
    `EarlyStopping(patience=..., restore_best_weights=True)`. The curves are `loss` and the
    recipe's metric on the validation split at each epoch's end, and both over the training batches
    as `fit` shows them. What `memory` recalls is gone on with, to the same bits, unless a layer
    draws random numbers: their state cannot be kept.
    """
    tf, keras = load()
    samples, size = len(data.train), recipe.batch_size
    full, rest = divmod(samples, size)
    inputs, targets = tf.constant(data.train.x), tf.constant(data.train.y)
    held_out, held_out_targets = tf.constant(data.validation.x), tf.constant(data.validation.y)
    loss_of = getattr(keras.losses, recipe.loss)()
    metric_of = getattr(keras.metrics, recipe.metric)
    optimizer = keras.optimizers.Adam(learning_rate or recipe.learning_rate)
    variables = model.trainable_variables
    # One flat variable: Adam's dozen operations run once a step, not once a variable. They work
    # element by element, so the bits are the same.
    shapes = [variable.shape for variable in variables]
    sizes = [shape.num_elements() for shape in shapes]
    flat = tf.Variable(tf.concat([tf.reshape(variable, [-1]) for variable in variables], 0))
    optimizer.build([flat])

    def step(x: Any, y: Any) -> Any:
        """Update on one batch; its mean loss and metric."""
        with tf.GradientTape() as tape:
            predicted = model(x, training=True)
            loss = loss_of(y, predicted)
            if model.losses:
                loss += tf.add_n(model.losses)
        gradients = tape.gradient(loss, variables)
        together = tf.concat([tf.reshape(gradient, [-1]) for gradient in gradients], 0)
        optimizer.apply_gradients([(together, flat)])
        for variable, part, shape in zip(variables, tf.split(flat, sizes), shapes, strict=True):
            variable.assign(tf.reshape(part, shape))
        return tf.stack([loss, tf.reduce_mean(metric_of(y, predicted))])

    @tf.function(input_signature=[tf.TensorSpec([None, samples], tf.int64)])  # type: ignore[untyped-decorator]
    def run(orders: Any) -> Any:
        count = tf.shape(orders)[0]
        curves = tf.TensorArray(tf.float32, count, element_shape=[4])
        for epoch in tf.range(count):
            tf.autograph.experimental.set_loop_options(parallel_iterations=1)
            x, y = tf.gather(inputs, orders[epoch]), tf.gather(targets, orders[epoch])
            total = tf.zeros([2])
            for index in tf.range(full):
                tf.autograph.experimental.set_loop_options(parallel_iterations=1)
                start = index * size
                total += step(x[start : start + size], y[start : start + size]) * size
            if rest:
                total += step(x[full * size :], y[full * size :]) * rest
            predicted = model(held_out, training=False)
            after = [
                loss_of(held_out_targets, predicted),
                tf.reduce_mean(metric_of(held_out_targets, predicted)),
            ]
            curves = curves.write(epoch, tf.concat([total / samples, tf.stack(after)], 0))
        return curves.stack()

    memory = memory if memory and not _draws(model) else Forgetful()
    state = [*model.weights, flat, *optimizer.variables]
    course = _resumed(memory, state, recipe.patience)
    progress(course.epochs, epochs)
    orders = permutations(samples, epochs)[course.epochs :]
    updates = PROGRESS_UPDATES if recipe.patience is None else epochs
    for some in np.array_split(orders, max(1, min(len(orders), updates))):
        if course.stopped or not len(some):
            break
        course.add(run(tf.constant(some)).numpy(), model)
        memory.keep(_kept(course, state))
        progress(course.epochs, epochs)
    if course.epochs < epochs:
        progress(course.epochs, course.epochs)
    if course.weights:
        model.set_weights(course.weights)
    names = ("loss", recipe.metric, "val_loss", f"val_{recipe.metric}")
    return dict(zip(names, course.curves.T.copy(), strict=True))


def _draws(model: KerasModel) -> bool:
    """Whether a layer draws random numbers in training, such as Dropout."""
    return any(hasattr(layer, "_random_generator") for layer in model.submodules)


def _kept(course: _Course, state: list[Any]) -> Arrays:
    arrays = {f"state/{index:03d}": variable.numpy() for index, variable in enumerate(state)}
    arrays |= {f"best/{index:03d}": value for index, value in enumerate(course.weights)}
    return {**arrays, "curves": course.curves, "epoch": np.array(course.best)}


def _resumed(memory: Memory, state: list[Any], patience: int | None) -> _Course:
    """Put the kept state into the variables; the first epoch's if nothing was kept."""
    if (kept := memory.recall()) is None:
        return _Course(patience)
    for index, variable in enumerate(state):
        variable.assign(kept[f"state/{index:03d}"])
    best = [kept[name] for name in sorted(kept) if name.startswith("best/")]
    return _Course(patience, np.asarray(kept["curves"]), int(kept["epoch"]), best)
