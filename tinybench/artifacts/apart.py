"""What needs TensorFlow, done in a process of its own: it can crash, and is a user's code too.

The functions that run there get a `Source`, and the Keras model that it makes stays there: nine
variants of a task cost one model.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tinybench.console import worker
from tinybench.console.progress import Progress
from tinybench.conversion import variants
from tinybench.conversion.ports import arrays_of
from tinybench.conversion.recurrent import restart
from tinybench.conversion.tracing import Traced, traced
from tinybench.conversion.variants import Variant
from tinybench.datasets.data import Values
from tinybench.errors import TinybenchError
from tinybench.tasks import Dataset, Task
from tinybench.tensorflow import KerasModel
from tinybench.training import stages
from tinybench.training.checkpoint import Checkpoint
from tinybench.training.fitting import Memory

T = TypeVar("T")

KEPT = 8
"""Keras models that the process keeps: those of the tasks that are at work."""
_MADE: dict[str, KerasModel] = {}


class WorkError(TinybenchError, RuntimeError):
    """The process ended, or code that is not tinybench's raised an exception there or here."""

    page = "own-code-raised"


class ProcessEndedError(WorkError):
    """The process ended before it had an answer."""

    page = "process-ended"


@dataclass(frozen=True)
class Source:
    """How to make a Keras model; `key` names all that decides it."""

    key: str
    make: Callable[[], KerasModel]

    def model(self) -> KerasModel:
        """The model, made in this process at the first call."""
        if self.key not in _MADE:
            while len(_MADE) >= KEPT:
                del _MADE[next(iter(_MADE))]
            _MADE[self.key] = self.make()
        return _MADE[self.key]


def ask(
    where: str,
    who: str,
    function: Callable[..., T],
    *arguments: Any,
    progress: Progress | None = None,
) -> T:
    """What the function returns in the other process.

    WorkError if that crashes, as "WHERE: WHO ended with SIGSEGV", and for an exception.
    """
    try:
        return worker.call(function, *arguments, progress=progress)
    except worker.ForeignError as error:
        raise WorkError(f"{where}: {error}") from error
    except worker.ChildError as error:
        raise ProcessEndedError(f"{where}: {who} {error}") from error


def here(where: str, make: Callable[[], T]) -> T:
    """What `make` returns in this process; its exceptions are those of `ask`."""
    try:
        return worker.here(make)
    except worker.ForeignError as error:
        raise WorkError(f"{where}: {error}") from error


def source(task: Task, checkpoint: Checkpoint, key: str) -> Source:
    """The model of a checkpoint."""
    return Source(key, _Restored(_without_data(task), checkpoint))


@dataclass(frozen=True)
class _Restored:
    task: Task
    checkpoint: Checkpoint

    def __call__(self) -> KerasModel:
        return stages.restore(self.task, self.checkpoint)


def train(
    task: Task,
    stage: str,
    *,
    start: Checkpoint | None,
    data: Dataset,
    memory: Memory,
    progress: Progress,
    seed: int | None = None,
) -> Checkpoint:
    """`stages.train` in the other process."""
    where = f"task {task.name!r}, stage {stage}"
    arguments = (_without_data(task), stage, start, seed, data, memory)
    return ask(where, "training", _train, *arguments, progress=progress)


def _train(
    task: Task,
    stage: str,
    start: Checkpoint | None,
    seed: int | None,
    data: Dataset,
    memory: Memory,
    progress: Progress,
) -> Checkpoint:
    return stages.train(
        task, stage, start=start, seed=seed, progress=progress, data=data, memory=memory
    )


def convert(model: Source, variant: Variant, samples: Values) -> bytes:
    """The variant's `.tflite`."""
    return variants.convert(model.model(), variant, samples)


def outputs(model: Source, x: Values) -> bytes:
    """The model's outputs for inputs (N, *input shape), as `unpacked` reads them."""
    return answered_by(model.model(), x)


def run_ports(model: Source, x: Values, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """Every output for every input; `x` has inputs of their shapes and names."""
    from tinybench.runtimes.keras import KerasSession

    keras = model.model()
    function = traced_on(keras, x).function
    restart(keras)
    return KerasSession(function).run_ports(inputs)


def output_names(model: Source, x: Values) -> list[str]:
    """What the model's outputs are called, in the order of its `.tflite`'s."""
    return list(traced_on(model.model(), x).outputs)


def summary(model: Source) -> str:
    """Keras' own summary; of the function of a SavedModel, which has none, its variables."""
    lines: list[str] = []
    found = model.model()
    if hasattr(found, "summary"):
        found.summary(print_fn=lines.append)
    else:
        lines = [f"{one.name} {tuple(one.shape)}" for one in found.weights]
    return "\n".join(line.rstrip() for line in lines)


def traced_on(model: KerasModel, x: Values) -> Traced:
    """A Keras model as a concrete function of one sample of inputs (N, *input shape)."""
    return traced(model, arrays_of(model, x))


def answered_by(model: KerasModel, x: Values) -> bytes:
    """A Keras model's outputs for inputs (N, *input shape), as `unpacked` reads them."""
    from tinybench.runtimes.keras import KerasSession

    function = traced_on(model, x)
    restart(model)
    found = KerasSession(function.function).run_ports(list(function.inputs.values()))
    buffer = io.BytesIO()
    arrays: dict[str, Any] = dict(zip(function.outputs, found, strict=True))
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def unpacked(data: bytes) -> dict[str, NDArray[Any]]:
    """The outputs that `answered_by` packed, by name."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _without_data(task: Task) -> Task:
    """The task as it travels: its data may be large, and come by themselves where wanted."""
    return replace(task, data=_no_data)


def _no_data(seed: int) -> Dataset:
    raise AssertionError("data are made where the task is, not where its model is")
