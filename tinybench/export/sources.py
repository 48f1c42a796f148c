"""All files of an export, as bytes: the same model gives the same bytes anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.codegen import Generated, Names, UnsupportedError, generate, refusals, settings
from tinybench.environment import package_version
from tinybench.export import headers
from tinybench.export.folder import MANIFEST, ExportError
from tinybench.export.reference import Reference
from tinybench.storage import hashing
from tinybench.streaming import application as pipelines
from tinybench.streaming.application import Application
from tinybench.tflite.state import is_cleared, is_sequence

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Subject:
    """What is exported: a model, what it is called, and what is known of its behaviour.

    `inputs` and `outputs` are raw test vectors of the `reference`, an array (N, *shape) for each
    port. `tflm_arena_bytes` is what TensorFlow Lite Micro allocates, None if it was not there to
    be asked. `application` is what stands around the model of a task of sound or motion.
    """

    data: bytes
    task: str
    variant: str
    inputs: Sequence[NDArray[Any]]
    outputs: Sequence[NDArray[Any]]
    tflm_arena_bytes: int | None
    labels: tuple[str, ...] = ()
    application: Application | None = None
    reference: Reference = Reference.TFLM


def files(subject: Subject, names: Names | None = None) -> dict[str, bytes]:
    """File contents by path, the manifest last; without C where there is none for the model.

    Raise ExportError if it computes nothing.
    """
    names = names or Names()
    code = code_of(subject.data, names)
    generated = None if isinstance(code, str) else code
    left_out = {}
    if isinstance(code, str):
        left_out[f"C code ({names.prefix}.c, {names.prefix}.h, kernels)"] = code
    elif not code.program.operators:
        raise ExportError(
            f"cannot export {subject.task}: the model computes nothing, its outputs are its inputs"
        )
    if subject.tflm_arena_bytes is None:
        left_out["TensorFlow Lite Micro's arena"] = "tflite-micro was not there to measure it"
    model, sha256 = tflite.read(subject.data), hashing.of_bytes(subject.data)
    # With the copies that the C makes of variables among the outputs.
    made = generated.model if generated else model
    found = dict(generated.program.files) if generated else {}
    texts = {
        f"{names.prefix}_data.h": headers.model_data_header(names, sha256),
        f"{names.prefix}_data.cc": headers.model_data_source(names, subject.data),
        f"{names.prefix}_settings.h": settings.model_settings(
            names,
            model,
            {"TASK": subject.task, "VARIANT": subject.variant},
            sha256,
            subject.labels,
            operators=generated.program.operators if generated else None,
            tflm_arena_bytes=subject.tflm_arena_bytes,
        ),
        names.file("test_vectors.h"): headers.test_vectors(
            names,
            model,
            (subject.inputs, subject.outputs),
            subject.reference.about,
            sha256,
            code=generated is not None,
            resets=_resets(model, generated),
        ),
    }
    if subject.application is not None and generated:
        around, text = pipelines.header(subject.application, names)
        texts[around] = text
    found |= {name: text.encode() for name, text in texts.items()}
    found[f"{names.prefix}.tflite"] = subject.data
    stated = {
        "format": FORMAT,
        "generator": f"tinybench {package_version('pytest-tinybench')}",
        "prefix": names.prefix,
        "model": {
            "sha256": sha256,
            "bytes": len(subject.data),
            "task": subject.task,
            "variant": subject.variant,
        },
        "left_out": left_out,
        "arena": {
            "symbol": names.arena if generated else None,
            "bytes": generated.plan.arena_bytes if generated else None,
            "lower_bound": generated.plan.lower_bound if generated else None,
            "tflm_bytes": subject.tflm_arena_bytes,
        },
        **_state(names, generated),
        "inputs": _ports(made, made.inputs, generated),
        "outputs": _ports(made, made.outputs, generated),
        "operators": _operators(made, generated),
        "test_vectors": {
            "count": len(subject.inputs[0]) if subject.inputs else 0,
            "reference": subject.reference.stated(),
        },
        "files": {name: hashing.of_bytes(data) for name, data in sorted(found.items())},
    }
    return {**found, MANIFEST: (json.dumps(stated, indent=1) + "\n").encode()}


def _resets(model: tflite.Model, generated: Generated | None) -> bool | None:
    """Whether the state is reset before each test vector; None if the model keeps none."""
    if generated:
        return generated.program.cleared if generated.program.state_bytes else None
    return is_cleared(model) if is_cleared(model) or is_sequence(model) else None


def _state(names: Names, generated: Generated | None) -> dict[str, Any]:
    if generated is None or not generated.program.state_bytes:
        return {}
    return {"state": {"symbol": f"{names.prefix}_state", "bytes": generated.program.state_bytes}}


def code_of(data: bytes, names: Names) -> Generated | str:
    """The C of a model, or why there is none."""
    if reasons := refusals(tflite.read(data)):
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        return f"{reasons[0]}{more}"
    try:
        return generate(data, names.prefix, names.shared_arena)
    except UnsupportedError as error:
        return str(error)


def _operators(model: tflite.Model, generated: Generated | None) -> list[dict[str, Any]]:
    """Those that the C code runs, or without it all of them, with what they cost."""
    kernels = {
        step.operator.index: [call.kernel for call in step.calls]
        for step in (generated.steps if generated else ())
        if step.calls
    }
    return [
        {
            "index": operator.index,
            "name": operator.name,
            "computes": [model.tensors[index].name for index in operator.outputs],
            "macs": tflite.operator_macs(model, operator),
            "weight_bytes": _constant_bytes(model, operator.inputs),
            "kernels": kernels.get(operator.index, []),
        }
        for operator in model.operators
        if generated is None or operator.index in kernels
    ]


def _ports(
    model: tflite.Model, indexes: Sequence[int], generated: Generated | None
) -> list[dict[str, Any]]:
    found = []
    for index in indexes:
        tensor = model.tensors[index]
        entry: dict[str, Any] = {
            "name": tensor.name,
            "type": tensor.dtype,
            "shape": list(tensor.shape),
            "offset": generated.plan.offsets[index] if generated else None,
            "bytes": tensor.nbytes,
        }
        if scheme := settings.scheme(tensor):
            entry["scale"] = float(np.float32(scheme[0]))
            entry["zero_point"] = scheme[1]
        found.append(entry)
    return found


def _constant_bytes(model: tflite.Model, inputs: Sequence[int]) -> int:
    tensors = (model.tensors[index] for index in inputs if index >= 0)
    return sum(len(tensor.data) for tensor in tensors if tensor.data is not None)
