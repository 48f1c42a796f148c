"""All files of an export, as bytes: the same model gives the same bytes anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.codegen import Generated, generate, settings
from tinybench.environment import package_version
from tinybench.export import headers
from tinybench.export.folder import MANIFEST, ExportError
from tinybench.storage import hashing
from tinybench.streaming import application as pipelines
from tinybench.streaming.application import Application

FORMAT = 1
PREFIX = "model"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported: a model, what it is called, and what is known of its behaviour.

    `inputs` and `outputs` are raw test vectors of the reference, an array (N, *shape) for each
    port. `tflm_arena_bytes` is what TensorFlow Lite Micro allocates. `application` is what stands
    around the model of a task of sound or motion.
    """

    data: bytes
    task: str
    variant: str
    inputs: Sequence[NDArray[Any]]
    outputs: Sequence[NDArray[Any]]
    tflm_arena_bytes: int
    labels: tuple[str, ...] = ()
    application: Application | None = None


def files(subject: Subject) -> dict[str, bytes]:
    """File contents by path, the manifest last.

    Raise UnsupportedError if there is no C for the model, ExportError if it computes nothing.
    """
    generated = generate(subject.data, PREFIX)
    if not generated.program.operators:
        raise ExportError(
            f"cannot export {subject.task}: the model computes nothing, its outputs are its inputs"
        )
    found = {name: bytes(data) for name, data in generated.program.files.items()}
    texts = {
        "model_data.h": headers.model_data_header(),
        "model_data.cc": headers.model_data_source(subject.data),
        "model_settings.h": settings.model_settings(
            generated,
            {"TASK": subject.task, "VARIANT": subject.variant},
            hashing.of_bytes(subject.data),
            subject.labels,
            subject.tflm_arena_bytes,
        ),
        "test_vectors.h": headers.test_vectors(generated, subject.inputs, subject.outputs),
    }
    if subject.application is not None:
        texts["pipeline_settings.h"] = pipelines.header(subject.application)
    found |= {name: text.encode() for name, text in texts.items()}
    manifest = json.dumps(_manifest(subject, generated, found), indent=1) + "\n"
    return {**found, MANIFEST: manifest.encode()}


def _manifest(subject: Subject, generated: Generated, found: Mapping[str, bytes]) -> dict[str, Any]:
    model, plan = generated.model, generated.plan
    return {
        "format": FORMAT,
        "generator": f"tinybench {package_version('pytest-tinybench')}",
        "model": {
            "sha256": hashing.of_bytes(subject.data),
            "bytes": len(subject.data),
            "task": subject.task,
            "variant": subject.variant,
        },
        "arena": {
            "bytes": plan.arena_bytes,
            "lower_bound": plan.lower_bound,
            "tflm_bytes": subject.tflm_arena_bytes,
        },
        "inputs": _ports(generated, model.inputs, generated.program.inputs),
        "outputs": _ports(generated, model.outputs, generated.program.outputs),
        "operators": [
            {
                "index": step.operator.index,
                "name": step.operator.name,
                "computes": [model.tensors[index].name for index in step.operator.outputs],
                "macs": tflite.operator_macs(model, step.operator),
                "weight_bytes": _constant_bytes(generated, step.operator.inputs),
                "kernels": [call.kernel for call in step.calls],
            }
            for step in generated.steps
            if step.calls
        ],
        "test_vectors": {
            "count": len(subject.inputs[0]) if subject.inputs else 0,
            "reference": f"tflite-micro {package_version('tflite-micro')}",
        },
        "files": {name: hashing.of_bytes(data) for name, data in sorted(found.items())},
    }


def _ports(generated: Generated, indexes: Sequence[int], ports: Sequence[Any]) -> list[Any]:
    found = []
    for index, port in zip(indexes, ports, strict=True):
        entry: dict[str, Any] = {
            "name": port.name,
            "type": port.dtype,
            "shape": list(port.shape),
            "offset": port.offset,
            "bytes": port.nbytes,
        }
        if scheme := settings.scheme(generated.model.tensors[index]):
            entry["scale"] = float(np.float32(scheme[0]))
            entry["zero_point"] = scheme[1]
        found.append(entry)
    return found


def _constant_bytes(generated: Generated, inputs: Sequence[int]) -> int:
    tensors = (generated.model.tensors[index] for index in inputs if index >= 0)
    return sum(len(tensor.data) for tensor in tensors if tensor.data is not None)
