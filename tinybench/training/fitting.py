"""The training loop: the very weights of Keras' `fit`, without its overhead, and resumable.

`fit` spends most of its time between steps. Here all steps of an epoch, and several epochs, are
loops inside one `tf.function`, over the permutations that `fit` would draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tinybench.console.progress import Progress, silent
from tinybench.tasks import Dataset, Recipe, Split
from tinybench.tensorflow import KerasModel, load
from tinybench.training.errors import DivergedError
from tinybench.training.objective import objective
from tinybench.training.samples import caller, targets_of

PROGRESS_UPDATES = 50

Arrays = dict[str, NDArray[Any]]


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

    The curves (epochs, 2 k) are those of training, then the same of the validation split. `best`
    counts epochs from 1; 0 says that there is none yet.
    """

    patience: int | None
    curves: NDArray[np.float32]
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
            raise DivergedError(f"the loss became NaN or infinite by epoch {self.epochs}")
        held_out = self.curves[:, self.curves.shape[1] // 2]
        if self.patience is not None and self.epochs == 1 + np.argmin(held_out):
            self.best, self.weights = self.epochs, model.get_weights()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Tensors of some samples: inputs and targets in the model's order, and weights if any."""

    inputs: list[Any]
    targets: list[Any]
    weights: Any = None

    def each(self, change: Callable[[Any], Any]) -> _Batch:
        """The same, each tensor changed."""
        weights = None if self.weights is None else change(self.weights)
        return _Batch([*map(change, self.inputs)], [*map(change, self.targets)], weights)

    def at(self, order: Any) -> _Batch:
        """The samples at these indexes."""
        return self.each(lambda tensor: load().tf.gather(tensor, order))

    def part(self, start: Any, stop: Any) -> _Batch:
        """The samples from `start` to `stop`."""
        return self.each(lambda tensor: tensor[start:stop])


def _constants(split: Split, name: str, shapes: list[tuple[int, ...]]) -> _Batch:
    constant = load().tf.constant
    inputs, targets = split.inputs.values(), targets_of(split, name, shapes)
    weights = None if split.weights is None else constant(split.weights)
    return _Batch([*map(constant, inputs)], [*map(constant, targets)], weights)


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
    call = caller(model, data.train)
    first = call([tf.constant(array[:1]) for array in data.train.inputs.values()], False)
    answers = [tuple(one.shape[1:]) for one in first]
    train = _constants(data.train, "train", answers)
    held_out = _constants(data.validation, "validation", answers)
    names = list(data.train.targets)
    numbered = [y.shape[1:] != one.shape[1:] for y, one in zip(train.targets, first, strict=True)]
    aim = objective(recipe, names, numbered)
    optimizer = keras.optimizers.Adam(learning_rate or recipe.learning_rate)
    variables, width = model.trainable_variables, 1 + len(aim.metrics)
    # One flat variable: Adam's dozen operations run once a step, not once a variable. They work
    # element by element, so the bits are the same.
    shapes = [variable.shape for variable in variables]
    sizes = [shape.num_elements() for shape in shapes]
    flat = tf.Variable(tf.concat([tf.reshape(variable, [-1]) for variable in variables], 0))
    optimizer.build([flat])

    def step(batch: _Batch) -> Any:
        """Update on one batch; its mean loss and metrics."""
        with tf.GradientTape() as tape:
            predicted = call(batch.inputs, True)
            loss = aim.loss(batch.targets, predicted, batch.weights)
            if model.losses:
                loss += tf.add_n(model.losses)
        gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
        together = tf.concat([tf.reshape(gradient, [-1]) for gradient in gradients], 0)
        optimizer.apply_gradients([(together, flat)])
        for variable, part, shape in zip(variables, tf.split(flat, sizes), shapes, strict=True):
            variable.assign(tf.reshape(part, shape))
        return tf.stack([loss, *aim.measured(batch.targets, predicted)])

    @tf.function(input_signature=[tf.TensorSpec([None, samples], tf.int64)])  # type: ignore[untyped-decorator]
    def run(orders: Any) -> Any:
        count = tf.shape(orders)[0]
        curves = tf.TensorArray(tf.float32, count, element_shape=[2 * width])
        for epoch in tf.range(count):
            tf.autograph.experimental.set_loop_options(parallel_iterations=1)
            shuffled = train.at(orders[epoch])
            total = tf.zeros([width])
            for index in tf.range(full):
                tf.autograph.experimental.set_loop_options(parallel_iterations=1)
                start = index * size
                total += step(shuffled.part(start, start + size)) * size
            if rest:
                total += step(shuffled.part(full * size, None)) * rest
            predicted = call(held_out.inputs, False)
            after = [
                aim.loss(held_out.targets, predicted, held_out.weights),
                *aim.measured(held_out.targets, predicted),
            ]
            curves = curves.write(epoch, tf.concat([total / samples, tf.stack(after)], 0))
        return curves.stack()

    memory = memory if memory and not _draws(model) else Forgetful()
    state = [*model.weights, flat, *optimizer.variables]
    course = _resumed(memory, state, _Course(recipe.patience, np.empty((0, 2 * width), np.float32)))
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
    shown = ("loss", *aim.metrics)
    shown = (*shown, *(f"val_{name}" for name in shown))
    return dict(zip(shown, course.curves.T.copy(), strict=True))


def _draws(model: KerasModel) -> bool:
    """Whether a layer draws random numbers in training, such as Dropout."""
    return any(hasattr(layer, "_random_generator") for layer in model.submodules)


def _kept(course: _Course, state: list[Any]) -> Arrays:
    arrays = {f"state/{index:03d}": variable.numpy() for index, variable in enumerate(state)}
    arrays |= {f"best/{index:03d}": value for index, value in enumerate(course.weights)}
    return {**arrays, "curves": course.curves, "epoch": np.array(course.best)}


def _resumed(memory: Memory, state: list[Any], fresh: _Course) -> _Course:
    """Put the kept state into the variables; the first epoch's if nothing was kept."""
    if (kept := memory.recall()) is None:
        return fresh
    for index, variable in enumerate(state):
        variable.assign(kept[f"state/{index:03d}"])
    best = [kept[name] for name in sorted(kept) if name.startswith("best/")]
    return _Course(fresh.patience, np.asarray(kept["curves"]), int(kept["epoch"]), best)
