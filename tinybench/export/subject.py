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
from tinybench.codegen import UnsupportedError, refusals
from tinybench.errors import TinybenchError
from tinybench.export.folder import ExportError, NoVectorsError
from tinybench.export.sources import Subject
from tinybench.runtimes import DEVICE_REFERENCE, Artifact, RefusalError, batch_shape
from tinybench.streaming import ApplicationError
from tinybench.tflite.ports import all_codes

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
    subject = _subject(data, task.name, variant.name, codes, evaluation.labels)
    # A task of one's own may take sound in another form: it is exported without its pipeline.
    with contextlib.suppress(ApplicationError):
        return replace(subject, application=streaming.of_task(task, variant.name, data))
    return subject


def of_file(path: Path) -> Subject:
    """Any `.tflite` file, with seeded random codes (floats: standard normal) as test vectors."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ExportError(f"cannot read {path}: {error.strerror}") from None
    model = _readable(data, str(path))
    random, count = np.random.default_rng(0), _vectors(model)
    inputs = [_random(random, model.tensors[index], count) for index in model.inputs]
    return _subject(data, path.stem, "file", inputs, ())


def _readable(data: bytes, name: str) -> tflite.Model:
    """The model, if there is C code for it: else the reason, before anything runs."""
    try:
        model = tflite.read(data)
        if reasons := refusals(model):
            more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            raise UnsupportedError(f"{reasons[0]}{more}")
    except TinybenchError as error:
        raise ExportError(f"cannot export {name}: {error}", page=error.page) from None
    return model


def _vectors(model: tflite.Model) -> int:
    tensors = [model.tensors[index] for index in (*model.inputs, *model.outputs)]
    size = sum(tensor.nbytes or 0 for tensor in tensors)
    return max(1, min(VECTORS, VECTOR_BYTES // max(size, 1)))


def _random(random: np.random.Generator, tensor: tflite.Tensor, count: int) -> NDArray[Any]:
    shape = batch_shape(tensor.shape, count)
    if tensor.dtype == "float32":
        return random.standard_normal(shape, np.float32)
    if tensor.dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    limits = np.iinfo(tensor.dtype)
    return random.integers(limits.min, limits.max, shape, tensor.dtype, endpoint=True)


def _subject(
    data: bytes,
    task: str,
    variant: str,
    inputs: Sequence[NDArray[Any]],
    labels: tuple[str, ...],
) -> Subject:
    reference = machines.find(DEVICE_REFERENCE)
    if reason := reference.unavailable():
        raise NoVectorsError(f"test vectors are TFLM's answers, and it is not there: {reason}")
    try:
        ran = reference.run(Artifact(task, data), inputs)
    except RefusalError as refusal:
        raise NoVectorsError(f"no test vectors: {refusal}") from None
    if any(not np.isfinite(values).all() for values in ran.outputs):
        raise NoVectorsError(f"no test vectors: {task} answers with NaN or infinity")
    return Subject(data, task, variant, inputs, ran.outputs, ran.cost.arena_bytes or 0, labels)
