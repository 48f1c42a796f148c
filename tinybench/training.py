"""Deterministic training: the very weights of `fit`, without its overhead.

`fit` spends most of its time between steps. Here all steps of an epoch, and all epochs of a
progress update, are loops inside one `tf.function`, over the permutations that `fit` would draw.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import environment
from tinybench.backend import KerasModel, load, quiet
from tinybench.checkpoint import Checkpoint, CheckpointError
from tinybench.errors import TinybenchError
from tinybench.progress import Progress, silent
from tinybench.tasks import Dataset, Recipe, Task

PROGRESS_UPDATES = 50


class TrainingError(TinybenchError, RuntimeError):
    """Training that did not end with usable weights."""


def new_model(task: Task, seed: int) -> KerasModel:
    """The task's untrained model: seeded as `keras.utils.set_random_seed` does, uncompiled."""
    keras = load().keras
    keras.utils.set_random_seed(seed)
    # Variables keep the names that layers have while they are built, and a SavedModel stores them.
    keras.backend.reset_uids()
    model = task.build(keras)
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"task {task.name!r}: build() returned {type(model).__module__}.{type(model).__name__};"
            " make the model with the keras module that build() is given (Keras 2)"
        )
    if task.initialize:
        task.initialize(model, seed)
    canonical_names(model)
    return model


def canonical_names(model: KerasModel) -> None:
    """Name model and layers by type and position, whatever was built before in this process.

    The converter writes these names into the file: without this its bytes depend on how many
    models the process made before.
    """
    model._name = "model"
    counts: dict[str, int] = {}
    for layer in model.layers:
        kind = type(layer).__name__.lower()
        layer._name = f"{kind}_{counts.setdefault(kind, 0)}"
        counts[kind] += 1


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
) -> dict[str, NDArray[np.float32]]:
    """Train in place as `model.fit(..., shuffle=True)` would; return curves of length `epochs`.

    The weights are bit-identical to `fit`'s. The curves are `loss` and the recipe's metric on the
    validation split at each epoch's end, and `loss` over the training batches as `fit` shows it.
    """
    tf, keras = load()
    samples, size = len(data.train), recipe.batch_size
    full, rest = divmod(samples, size)
    inputs, targets = tf.constant(data.train.x), tf.constant(data.train.y)
    held_out, held_out_targets = tf.constant(data.validation.x), tf.constant(data.validation.y)
    loss_of = getattr(keras.losses, recipe.loss)()
    metric_of = getattr(keras.metrics, recipe.metric)
    optimizer = keras.optimizers.Adam(recipe.learning_rate)
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

    done, parts = 0, []
    progress(0, epochs)
    for orders in np.array_split(permutations(samples, epochs), min(epochs, PROGRESS_UPDATES)):
        parts.append(run(tf.constant(orders)).numpy())
        done += len(orders)
        if not np.isfinite(parts[-1]).all():
            raise TrainingError(f"the loss became NaN or infinite by epoch {done}")
        progress(done, epochs)
    names = ("loss", recipe.metric, "val_loss", f"val_{recipe.metric}")
    return dict(zip(names, np.concatenate(parts).T.copy(), strict=True))


def train(
    task: Task,
    stage: str,
    *,
    start: Checkpoint | None = None,
    seed: int | None = None,
    progress: Progress = silent,
) -> Checkpoint:
    """Train one stage of a task; `control` and `qat` go on from the float32 checkpoint `start`."""
    keras = load().keras
    seed = task.recipe.seed if seed is None else seed
    data = task.dataset()
    model = new_model(task, seed)
    definition = task.definition(model)
    epochs = task.recipe.epochs
    if stage != "float32":
        if start is None:
            raise ValueError(f"stage {stage!r} starts from a float32 checkpoint; none was given")
        set_weights(model, start)
        epochs = task.recipe.fine_tune_epochs
        model = quantization_aware(model) if stage == "qat" else model
        keras.utils.set_random_seed(seed)
    try:
        history = fit(model, data, task.recipe, epochs, progress)
    except TrainingError as error:
        raise TrainingError(f"task {task.name!r}, stage {stage}, seed {seed}: {error}") from None
    provenance = {
        "task": task.name,
        "stage": stage,
        "seed": seed,
        "epochs": epochs,
        "definition": definition,
        "start": None if start is None else start.sha256,
        "versions": environment.versions(),
        "machine": environment.machine(),
    }
    return Checkpoint(get_weights(model), history, provenance)


def restore(task: Task, checkpoint: Checkpoint) -> KerasModel:
    """The Keras model of a checkpoint, quantization-aware if the checkpoint is."""
    model = new_model(task, checkpoint.provenance["seed"])
    if (
        task.definition(model)["architecture"]
        != checkpoint.provenance["definition"]["architecture"]
    ):
        raise CheckpointError(
            f"task {task.name!r} has another architecture than its {checkpoint.provenance['stage']}"
            f" checkpoint was trained with; train it again: tinybench train {task.name} --save"
        )
    if checkpoint.provenance["stage"] == "qat":
        model = quantization_aware(model)
    set_weights(model, checkpoint)
    return model


def quantization_aware(model: KerasModel) -> KerasModel:
    """A copy with fake quantization of weights and activations, by tfmot's 8-bit scheme."""
    keras = load().keras
    # It asks distutils for version numbers, which warns.
    with quiet():
        import tensorflow_model_optimization as tfmot

    keras.backend.reset_uids()
    copy = tfmot.quantization.keras.quantize_model(model)
    copy._name = "model"
    return copy


def get_weights(model: KerasModel) -> dict[str, NDArray[Any]]:
    """Every variable's value in model order, named by its layer and its own last name.

    The variable's full name will not do: it counts the models that the process built before.
    """
    layers = {id(variable): layer for layer in model.layers for variable in layer.weights}
    values: dict[str, NDArray[Any]] = {}
    for index, variable in enumerate(model.weights):
        owner = layers[id(variable)].name if id(variable) in layers else model.name
        name = f"{owner}/{variable.name.split('/')[-1].split(':')[0]}"
        values[name if name not in values else f"{name}_{index}"] = np.asarray(variable.numpy())
    return values


def set_weights(model: KerasModel, checkpoint: Checkpoint) -> None:
    """Put a checkpoint's weights into a model of the same shapes."""
    expected = [tuple(variable.shape) for variable in model.weights]
    given = [value.shape for value in checkpoint.weights.values()]
    if expected != given:
        raise CheckpointError(
            f"the checkpoint's weights have shapes {given}, the model's {expected}"
        )
    model.set_weights(list(checkpoint.weights.values()))
