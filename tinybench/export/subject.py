"""What is exported: one of a task's variants, or any file, with the reference's answers."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinybench import machines, streaming, tflite
from tinybench.codegen import Names
from tinybench.codegen.emit import C_TYPES
from tinybench.errors import TinybenchError
from tinybench.export import host
from tinybench.export.folder import ExportError, NoVectorsError
from tinybench.export.reference import Reference
from tinybench.export.sources import Subject, code_of
from tinybench.runtimes import (
    DEVICE_REFERENCE,
    REFERENCE_RUNTIME,
    Artifact,
    RefusalError,
)
from tinybench.streaming import ApplicationError
from tinybench.tflite.model import label
from tinybench.tflite.ports import all_codes, inputs_of

if TYPE_CHECKING:
    from tinybench.artifacts import Artifacts
    from tinybench.conversion.variants import Variant
    from tinybench.tasks import Task

VECTORS = 64
VECTOR_BYTES = 32 << 10
"""Test vectors are in the flash of a benchmark image: fewer of them where each is large."""


def of_task(pipeline: Artifacts, task: Task, variant: Variant) -> Subject:
    """A task's variant, its test vectors the first samples of the test split."""
    data = pipeline.artifact(task, variant).data
    model = _readable(data, f"{task.name} {variant.name}")
    count = _vectors(model)
    evaluation = pipeline.evaluation(task)
    codes, _ = all_codes(evaluation.test.taken(slice(count)).inputs, model)
    subject = _subject(
        data, (task.name, variant.name), f"{task.name} {variant.name}", codes, evaluation.labels
    )
    # A task of one's own may take sound in another form: it is exported without its pipeline.
    with contextlib.suppress(ApplicationError):
        return replace(subject, application=streaming.of_task(task, variant.name, data))
    return subject


def of_file(path: Path, signature: str | None = None) -> Subject:
    """Any `.tflite` file, or what a signature of it names, with seeded random inputs."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExportError(f"cannot read {path}: {error.strerror}") from None
    if signature is not None:
        data = _chosen(data, signature, str(path))
    model = _readable(data, str(path))
    for tensor in inputs_of(model):
        if tensor.dtype not in C_TYPES:
            raise NoVectorsError(f"no test vectors: {label(tensor)} is an input of {tensor.dtype}")
    inputs = machines.random_inputs(model, _vectors(model), seed=0)
    return _subject(data, (path.stem, "file"), str(path), inputs, ())


def _chosen(data: bytes, signature: str, name: str) -> bytes:
    try:
        return tflite.chosen(data, signature)
    except TinybenchError as error:
        raise ExportError(f"cannot export {name}: {error}", page=error.page) from None


def _readable(data: bytes, name: str) -> tflite.Model:
    try:
        return tflite.read(data)
    except TinybenchError as error:
        raise ExportError(f"cannot export {name}: {error}", page=error.page) from None


def _vectors(model: tflite.Model) -> int:
    tensors = [model.tensors[index] for index in (*model.inputs, *model.outputs)]
    size = sum(tensor.nbytes or 0 for tensor in tensors)
    return max(1, min(VECTORS, VECTOR_BYTES // max(size, 1)))


def _subject(
    data: bytes,
    titles: tuple[str, str],
    name: str,
    inputs: Sequence[NDArray[Any]],
    labels: tuple[str, ...],
) -> Subject:
    """What to export; `titles` are the task and the variant, `name` is what messages say."""
    outputs, arena, reference = _answers(data, name, inputs)
    if any(not np.isfinite(values).all() for values in outputs):
        raise NoVectorsError(f"no test vectors: {name} answers with NaN or infinity")
    return Subject(data, *titles, inputs, outputs, arena, labels, reference=reference)


def _answers(
    data: bytes, name: str, inputs: Sequence[NDArray[Any]]
) -> tuple[Sequence[NDArray[Any]], int | None, Reference]:
    """Outputs, TFLM's arena if it was there, and who answered.

    Without TFLM the generated C does, of which its bytes are known to be TFLM's; a model that
    there is no C for is LiteRT's.
    """
    device = machines.find(DEVICE_REFERENCE)
    absent = device.unavailable()
    if absent is None:
        ran = _ran(device, data, name, inputs)
        return ran.outputs, ran.cost.arena_bytes, Reference.TFLM
    code = code_of(data, Names())
    if isinstance(code, str):
        ran = _ran(machines.find(REFERENCE_RUNTIME), data, name, inputs)
        return ran.outputs, None, Reference.LITERT
    command = host.compiler()
    if command is None:
        raise NoVectorsError(
            f"test vectors are TFLM's answers, and it is not there: {absent}; those of the "
            "generated C need a C compiler: install cc, or pip install 'pytest-tinybench[boards]'"
        )
    return host.run(command, code.program, inputs), None, Reference.CODE


def _ran(
    machine: machines.Machine, data: bytes, name: str, inputs: Sequence[NDArray[Any]]
) -> machines.Execution:
    try:
        return machine.run(Artifact(name, data), inputs)
    except RefusalError as refusal:
        code = code_of(data, Names())
        why = f"{code}; " if isinstance(code, str) else ""
        raise NoVectorsError(f"cannot export {name}: {why}no test vectors: {refusal}") from None
