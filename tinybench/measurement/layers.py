"""A model layer by layer: its graph, and how far a variant's layers are from float32's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tinybench import environment, tflite
from tinybench.conversion.variants import VARIANTS
from tinybench.datasets.data import hash_of
from tinybench.measurement.inner import SAMPLES, outputs_after
from tinybench.runtimes import Artifact, RefusalError
from tinybench.tflite.layers import layer_name
from tinybench.tflite.left import CONVERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    from tinybench.conversion.variants import Variant
    from tinybench.measurement.measure import Measurements
    from tinybench.tasks import Task

    Record: TypeAlias = dict[str, Any]

BASELINE = "float32"


def comparable(variants: Iterable[str]) -> list[Variant]:
    """Those whose layers can be compared with float32's.

    Another training's weights differ for more reasons than quantization.
    """
    known = [VARIANTS.get(name) for name in variants if name in VARIANTS]
    return [one for one in known if one.division == "closed" and one.name != BASELINE]


def errors(bench: Measurements, task: Task, variant: Variant) -> list[Record]:
    """Every layer's error on test samples; from the cache if the same files gave them."""
    float32 = bench.artifacts.artifact(task, VARIANTS.get(BASELINE))
    artifact = bench.artifacts.artifact(task, variant)
    test = bench.artifacts.evaluation(task).test.taken(slice(SAMPLES))
    inputs = {
        "files": [float32.sha256, artifact.sha256],
        "x": hash_of(test.x),
        "runtime": environment.package_version("ai-edge-litert"),
    }

    def make() -> bytes:
        return json.dumps(list(layer_errors(float32, artifact, test.inputs))).encode()

    name = f"{task.name}-{variant.name}-layers"
    found: list[Record] = json.loads(bench.artifacts.store.get(name, inputs, "json", make))
    return found


def layer_errors(
    float32: Artifact, other: Artifact, x: Mapping[str, NDArray[Any]]
) -> Iterator[Record]:
    """Root mean square of a layer's difference from float32, in parts of that of float32's output.

    Nothing if the two do not have the same layers: conversions between types are no layer.
    """
    plain_model, model = tflite.read(float32.data), tflite.read(other.data)
    layers = [one for one in plain_model.operators if one.name not in CONVERSIONS]
    others = [one for one in model.operators if one.name not in CONVERSIONS]
    if [one.name for one in layers] != [one.name for one in others]:
        return
    try:
        plain = outputs_after(float32, [one.index for one in layers], x)
        changed = outputs_after(other, [one.index for one in others], x)
    except (RefusalError, tflite.ModelError):
        return  # a layer with several outputs, or one that the runtime does not show
    for number, (layer, expected, found) in enumerate(zip(layers, plain, changed, strict=True)):
        size = float(np.sqrt(np.mean(np.square(expected, dtype=np.float64))))
        difference = np.square(found.astype(np.float64) - expected)
        if size > 0:
            yield {
                "layer": f"{number} {_name(plain_model, layer)}",
                "operator": layer.name,
                "error": float(np.sqrt(np.mean(difference))) / size,
            }


def _name(model: tflite.Model, operator: tflite.Operator) -> str:
    """The Keras layer's name: of the output or, if that has the model's own, of the weights."""
    tensors = [model.tensors[index] for index in operator.inputs if index != -1]
    weights = [one.name for one in tensors if one.data is not None]
    return layer_name([model.tensors[operator.outputs[0]].name, *weights])
