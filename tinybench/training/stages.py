"""From a task to its checkpoints, stage by stage, and back to Keras models."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import environment
from tinybench.console.progress import Progress, silent
from tinybench.conversion.loading import load_model
from tinybench.errors import require_packages
from tinybench.tasks import Dataset, Task
from tinybench.tasks.architecture import architecture
from tinybench.tensorflow import KerasModel, is_keras3, load, quiet
from tinybench.training.checkpoint import Checkpoint, CheckpointError, OtherArchitectureError
from tinybench.training.errors import TfmotError, TrainingError
from tinybench.training.fitting import Memory, fit
from tinybench.training.samples import aligned


def new_model(task: Task, seed: int) -> KerasModel:
    """The task's model before it is trained here, uncompiled.

    One that is built is seeded as `keras.utils.set_random_seed` does; one from a file has its
    weights.
    """
    keras = load().keras
    keras.utils.set_random_seed(seed)
    # Variables keep the names that layers have while they are built, and a SavedModel stores them.
    keras.backend.reset_uids()
    if task.model is not None:
        return load_model(task.model.path, task.model.custom_objects)
    model = task.build(keras)
    if task.is_trained and not isinstance(model, keras.Model):
        raise TypeError(
            f"task {task.name!r}: build() returned {type(model).__module__}.{type(model).__name__};"
            " make the model with the keras module that build() is given (Keras 2)"
        )
    if task.initialize:
        task.initialize(model, seed)
    if isinstance(model, keras.Model):
        canonical_names(model)
    return model


def canonical_names(model: KerasModel) -> None:
    """Name model and layers by type and position, whatever was built before in this process.

    The converter writes these names into the file: without this its bytes depend on how many
    models the process made before.
    """
    model._name = "model"
    counts: dict[str, int] = {}
    nodes: set[str] = set()
    for layer in model.layers:
        kind, old = type(layer).__name__.lower(), layer._name
        layer._name = f"{kind}_{counts.setdefault(kind, 0)}"
        counts[kind] += 1
        nodes |= {
            f"{layer._name}{key.removeprefix(old)}"
            for key in getattr(model, "_network_nodes", ())
            if key.rpartition("_ib-")[0] == old
        }
    if nodes and not isinstance(model, load().keras.Sequential):
        # A functional model finds the calls of its layers by these: without them a copy has none.
        model._network_nodes = nodes


def train(
    task: Task,
    stage: str,
    *,
    start: Checkpoint | None = None,
    seed: int | None = None,
    progress: Progress = silent,
    data: Dataset | None = None,
    memory: Memory | None = None,
) -> Checkpoint:
    """Train one stage of a task; `control` and `qat` go on from the float32 checkpoint `start`.

    `data` is the task's data set, where it is at hand; `memory` keeps what an interrupted training
    goes on from (see `tinybench.training.fitting`).
    """
    keras = load().keras
    seed = task.recipe.seed if seed is None else seed
    data = data or task.dataset()
    model = new_model(task, seed)
    definition = task.definition(data.sha256, model)
    epochs, learning_rate = task.recipe.epochs, task.recipe.learning_rate
    is_fitted = stage != "float32" or task.is_trained
    if is_fitted:
        # Before the model is copied for QAT: the copy's inputs and outputs have other names.
        data = aligned(model, data)
    if stage != "float32":
        if start is None:
            raise ValueError(f"stage {stage!r} starts from a float32 checkpoint; none was given")
        set_weights(model, start)
        epochs = task.recipe.fine_tune_epochs
        learning_rate = task.recipe.fine_tune_learning_rate or learning_rate
        model = quantization_aware(model) if stage == "qat" else model
        keras.utils.set_random_seed(seed)
    history: dict[str, NDArray[np.float32]] = {}
    try:
        if is_fitted:
            history = fit(
                model,
                data,
                task.recipe,
                epochs,
                progress,
                learning_rate=learning_rate,
                memory=memory,
            )
    except TrainingError as error:
        raise error.about(f"task {task.name!r}, stage {stage}, seed {seed}") from None
    kept = {}
    if history and task.recipe.patience is not None:
        kept["kept_epoch"] = int(np.argmin(history["val_loss"])) + 1
    provenance = {
        "task": task.name,
        "stage": stage,
        "seed": seed,
        "epochs": len(history.get("loss", ())),
        **kept,
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
        task.model is None
        and architecture(model) != checkpoint.provenance["definition"]["architecture"]
    ):
        raise OtherArchitectureError(
            f"task {task.name!r} has another architecture than its {checkpoint.provenance['stage']}"
            f" checkpoint was trained with; train it again: tinybench train {task.name} --save"
        )
    if checkpoint.provenance["stage"] == "qat":
        model = quantization_aware(model)
    set_weights(model, checkpoint)
    return model


def quantization_aware(model: KerasModel) -> KerasModel:
    """A copy with fake quantization of weights and activations, by tfmot's 8-bit scheme.

    Raise `NotAvailableError` for a model that tfmot has no scheme for.
    """
    keras = load().keras
    if is_keras3(model):
        raise TfmotError("tfmot knows Keras 2 only; the model is of Keras 3")
    # It asks distutils for version numbers, which warns.
    with quiet():
        require_packages("quantization-aware training", "tensorflow_model_optimization")
        import tensorflow_model_optimization as tfmot

    keras.backend.reset_uids()
    try:
        copy = tfmot.quantization.keras.quantize_model(model)
    except Exception as error:
        raise TfmotError(_lacking(str(error), model)) from error
    copy._name = "model"
    return copy


def _lacking(text: str, model: KerasModel) -> str:
    """What tfmot does not have, of its own words."""
    unknown = r"Layer \S*?:?<class '[\w.]*?(\w+)'> is not supported"
    if found := re.search(rf"{unknown}|\[Layer (\w+) supplied to wrapper", text):
        return f"tfmot has no {found[1] or found[2]}"
    keras = load().keras
    inner = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    if inner or re.search(r"inside another tf.keras.Model|nested", text):
        return "tfmot takes no model inside a model"
    if not getattr(model, "inputs", None) or "subclassed" in text or "Functional" in text:
        return "tfmot takes no subclassed model"
    return f"tfmot: {text.strip().splitlines()[0] if text.strip() else 'refused the model'}"


def get_weights(model: KerasModel) -> dict[str, NDArray[Any]]:
    """Every variable's value in model order, named by its layer and its own last name.

    The variable's full name will not do: it counts the models that the process built before.
    """
    owners = getattr(model, "layers", ())
    layers = {id(variable): layer for layer in owners for variable in layer.weights}
    values: dict[str, NDArray[Any]] = {}
    for index, variable in enumerate(model.weights):
        owner = layers[id(variable)].name if id(variable) in layers else "model"
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
    for variable, value in zip(model.weights, checkpoint.weights.values(), strict=True):
        variable.assign(value)
