"""What goes on inside of a model: real outputs of its operators, and where most of them lie."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from tinybench import environment, tflite
from tinybench.datasets.data import hash_of
from tinybench.machines import find
from tinybench.runtimes import REFERENCE_RUNTIME, Artifact, RefusalError
from tinybench.tflite.advice import OUTLIERS, range_of
from tinybench.tflite.cut import cut
from tinybench.tflite.left import CONVERSIONS
from tinybench.tflite.ports import all_codes, values_of
from tinybench.tflite.state import is_sequence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from numpy.typing import NDArray

    from tinybench.artifacts import Artifacts
    from tinybench.conversion.variants import Variant
    from tinybench.tasks import Task

SAMPLES = 100
"""Test samples that are looked at."""


def most_values(
    artifacts: Artifacts, task: Task, variant: Variant
) -> dict[int, tuple[float, float]]:
    """Between which numbers all but one in a thousand values at each end lie, by coded tensor.

    From the cache if the same file gave them. Nothing where the runtime does not show a layer.
    """
    artifact, test = artifacts.artifact(task, variant), artifacts.evaluation(task).test
    some = test.taken(slice(SAMPLES))
    inputs = {
        "file": artifact.sha256,
        "x": hash_of(some.x),
        "runtime": environment.package_version("ai-edge-litert"),
    }

    def make() -> bytes:
        return json.dumps(_most_values(artifact, some.inputs)).encode()

    name = f"{task.name}-{variant.name}-most-values"
    found = json.loads(artifacts.store.get(name, inputs, "json", make))
    return {index: (first, last) for index, first, last in found}


def _most_values(
    artifact: Artifact, x: Mapping[str, NDArray[Any]]
) -> list[tuple[int, float, float]]:
    model = tflite.read(artifact.data)
    shown = [
        operator
        for operator in model.operators
        if operator.name not in CONVERSIONS
        and len(operator.outputs) == 1
        and range_of(model.tensors[operator.outputs[0]]) is not None
    ]
    if not shown:
        return []
    try:
        values = outputs_after(artifact, [one.index for one in shown], x)
    except (RefusalError, tflite.ModelError):
        return []
    ends = (np.quantile(one, (OUTLIERS, 1 - OUTLIERS)) for one in values)
    pairs = zip(shown, ends, strict=True)
    return [(one.outputs[0], float(first), float(last)) for one, (first, last) in pairs]


def outputs_after(
    artifact: Artifact, operators: list[int], x: Mapping[str, NDArray[Any]]
) -> list[NDArray[np.float32]]:
    """Real outputs of operators, in their order, for inputs (N, *input shape) by name."""
    model = tflite.read(artifact.data)
    tensors = [model.tensors[_only(model.operators[index].outputs)] for index in operators]
    # In a sequence later operators may keep something for the next sample.
    end = len(model.operators) - 1 if is_sequence(model) else operators[-1]
    shown = cut(artifact.data, end, [tensor.index for tensor in tensors])
    machine = find(REFERENCE_RUNTIME, timeout=None)
    ran = machine.run(Artifact(f"{artifact.name}-layers", shown), all_codes(x, model)[0])
    return [values_of(*pair) for pair in zip(ran.outputs, tensors, strict=True)]


def _only(outputs: tuple[int, ...]) -> int:
    if len(outputs) != 1:
        raise tflite.ModelError(f"model: an operator has {len(outputs)} outputs; a layer has one")
    return outputs[0]
