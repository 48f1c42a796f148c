"""Many seeds of one task trained at once, to show how much a single result is worth.

Not a loop over seeds: the weights of all seeds are stacked along a new first axis, and every step
updates all of them. Adam works element by element, so no member sees another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tinybench import environment, tflite
from tinybench.console.progress import Progress, silent
from tinybench.conversion.variants import VARIANTS, convert
from tinybench.datasets.data import Floats
from tinybench.measurement.predictions import predict
from tinybench.metrics import quality
from tinybench.runtimes import RUNTIMES, Artifact
from tinybench.tasks import Dataset, Task
from tinybench.tensorflow import KerasModel, load
from tinybench.training.errors import DivergedError, TrainingError
from tinybench.training.fitting import PROGRESS_UPDATES
from tinybench.training.stages import new_model

STUDY_RUNTIME = "litert-ref"
"""XNNPACK refuses a model whose first layer is dead for every input (2 of 100 seeds of `sine-8`):
the scale of its activations is too small. Such seeds must be counted, not lost."""


class Member(NamedTuple):
    """One seed: its data, an untrained or trained model, and test outputs where they are known."""

    seed: int
    data: Dataset
    model: KerasModel


def train_seeds(task: Task, seeds: Sequence[int], progress: Progress = silent) -> list[Member]:
    """Train the float model for each seed, which decides data, initial weights and shuffles.

    The recipe is the task's; the shuffles are drawn by NumPy, not the ones that `fit` would draw.
    Models of dense layers with one input and one output of numbers only: others raise
    TrainingError.
    """
    _require_one(task, task.dataset(seeds[0]))
    members = [Member(seed, task.dataset(seed), new_model(task, seed)) for seed in seeds]
    progress(0, task.recipe.epochs)
    trained = _train(task, members, progress)
    for index, member in enumerate(members):
        member.model.set_weights([values[index] for values in trained])
    return members


def study(task: Task, members: Sequence[Member], progress: Progress = silent) -> dict[str, Any]:
    """Spread of float and int8 quality over seeds, each judged on its own test split."""
    int8, runtime = VARIANTS.get("int8"), RUNTIMES.get(STUDY_RUNTIME)
    plain: list[dict[str, float]] = []
    quantized: list[dict[str, float]] = []
    for done, (_, data, model) in enumerate(members):
        progress(done, len(members))
        outputs = np.asarray(model(data.test.x, training=False))
        plain.append(quality.regression(outputs, data.test.y, data.test.truth))
        file = convert(model, int8, task.evaluation_of(data).calibration)
        session = runtime.load(Artifact(f"{task.name}-int8", file))
        predicted = predict(session, tflite.read(file), data.test.x).values
        errors = quality.regression(predicted, data.test.y, data.test.truth)
        quantized.append({**errors, "mse_vs_float32": quality.errors(predicted, outputs)[0]})
    progress(len(members), len(members))
    limit = task.failed_above
    return {
        "seeds": len(members),
        "first_seed": members[0].seed,
        "failed_above": limit,
        "failed": None if limit is None else sum(errors["mse"] > limit for errors in plain),
        "float32": _spread(plain),
        "int8": _spread(quantized),
        "recipe": task.recipe.deciding(),
        "versions": environment.versions(),
        "machine": environment.machine(),
    }


def _spread(found: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    columns = {name: np.array([errors[name] for errors in found]) for name in found[0]}
    points = {"min": 0, "q25": 25, "median": 50, "q75": 75, "max": 100}
    return {
        name: {key: float(np.percentile(values, at)) for key, at in points.items()}
        for name, values in columns.items()
    }


def _require_one(task: Task, data: Dataset) -> None:
    """TrainingError for data of another form than the stacked training and its errors take."""
    for what, values in (("input", data.train.x), ("target", data.train.y)):
        if not isinstance(values, np.ndarray) or values.dtype != np.float32 or values.ndim != 2:
            found = "none" if values is None else "several" if isinstance(values, Mapping) else ""
            form = found or f"{values.dtype} {values.shape[1:]}"
            raise TrainingError(
                f"task {task.name!r}: training many seeds at once takes one {what} of real numbers "
                f"(float32 rows), not {form}; train one seed at a time: tinybench train --seed"
            )


def _train(task: Task, members: Sequence[Member], progress: Progress) -> list[NDArray[np.float32]]:
    """The trained weights, in `model.get_weights()` order, each with a first axis of seeds."""
    tf, keras = load()
    recipe = task.recipe
    if not isinstance(recipe.loss, str):
        raise TrainingError(
            f"task {task.name!r}: training many seeds at once takes a loss by its name in Keras"
        )
    activations = [_dense(task, layer).activation for layer in members[0].model.layers]
    variables = [
        tf.Variable(np.stack(values))
        for values in zip(*(member.model.get_weights() for member in members), strict=True)
    ]
    inputs, targets = (tf.constant(_stack(members, name)) for name in ("x", "y"))
    seeds, samples = len(members), len(members[0].data.train)
    full, rest = divmod(samples, recipe.batch_size)
    size = recipe.batch_size
    loss_of = getattr(keras.losses, recipe.loss)(reduction="none")
    optimizer = keras.optimizers.Adam(recipe.learning_rate)
    optimizer.build(variables)

    def forward(x: Any) -> Any:
        for index, activation in enumerate(activations):
            kernel, bias = variables[2 * index], variables[2 * index + 1]
            x = activation(tf.matmul(x, kernel) + bias[:, None, :])
        return x

    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            # The sum over seeds keeps each seed's gradient what it would be alone.
            losses = tf.reduce_mean(loss_of(y, forward(x)), axis=1)
            total = tf.reduce_sum(losses)
        optimizer.minimize(total, variables, tape)
        return losses

    @tf.function(input_signature=[tf.TensorSpec([None, seeds, samples], tf.int32)])  # type: ignore[untyped-decorator]
    def run(orders: Any) -> Any:
        losses = tf.zeros([seeds])
        for epoch in tf.range(tf.shape(orders)[0]):
            tf.autograph.experimental.set_loop_options(parallel_iterations=1)
            x = tf.gather(inputs, orders[epoch], batch_dims=1)
            y = tf.gather(targets, orders[epoch], batch_dims=1)
            for index in tf.range(full):
                tf.autograph.experimental.set_loop_options(parallel_iterations=1)
                start = index * size
                losses = step(x[:, start : start + size], y[:, start : start + size])
            if rest:
                losses = step(x[:, full * size :], y[:, full * size :])
        return losses

    shuffles = np.random.default_rng([member.seed for member in members])
    identity = np.broadcast_to(np.arange(samples, dtype=np.int32), (seeds, samples))
    done = 0
    for chunk in np.array_split(np.arange(recipe.epochs), min(recipe.epochs, PROGRESS_UPDATES)):
        orders = np.stack([shuffles.permuted(identity, axis=1) for _ in chunk])
        losses = run(tf.constant(orders)).numpy()
        done += len(chunk)
        if not np.isfinite(losses).all():
            bad = [members[int(at)].seed for at in np.flatnonzero(~np.isfinite(losses))]
            raise DivergedError(
                f"task {task.name!r}: the loss of seeds {bad} became NaN or infinite"
            )
        progress(done, recipe.epochs)
    return [variable.numpy() for variable in variables]


def _stack(members: Sequence[Member], name: str) -> Floats:
    return np.stack([getattr(member.data.train, name) for member in members])


def _dense(task: Task, layer: Any) -> Any:
    if type(layer).__name__ != "Dense" or not layer.use_bias or layer.trainable is not True:
        raise TrainingError(
            f"task {task.name!r}: training many seeds at once works for models of Dense layers; "
            f"{layer.name} is a {type(layer).__name__}"
        )
    return layer
