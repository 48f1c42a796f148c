"""A model layer by layer: its graph, and how far a variant's layers are from float32's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tinybench import environment, hashing, tflite
from tinybench.measure import REFERENCE_RUNTIME, codes_of, input_of, values_of
from tinybench.report.plots import Layer
from tinybench.runtimes import RUNTIMES, Artifact, RefusalError
from tinybench.runtimes.base import PortsSession
from tinybench.tflite.cut import cut
from tinybench.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    from numpy.typing import NDArray

    from tinybench.measure import Bench
    from tinybench.tasks import Task
    from tinybench.variants import Variant

    Record: TypeAlias = dict[str, Any]

BASELINE = "float32"
CONVERSIONS = ("QUANTIZE", "DEQUANTIZE")
SAMPLES = 100
"""Test samples that a layer's error is taken over."""


def graph(model: tflite.Model) -> list[Layer]:
    """The graph's inputs and operators, each with the indexes of the layers that it reads."""
    layers: list[Layer] = []
    made_by: dict[int, int] = {}
    for index in model.inputs:
        tensor = model.tensors[index]
        made_by[index] = len(layers)
        layers.append(Layer(tensor.name, tensor.dtype, tensor.shape, 0))
    for operator in model.operators:
        tensors = [model.tensors[index] for index in operator.inputs if index != -1]
        # Not the shapes and axes that RESHAPE and its like read.
        weights = [one for one in tensors if one.data is not None and one.dtype.startswith("float")]
        output = model.tensors[operator.outputs[0]]
        names = [output.name, *(one.name for one in weights)]
        activation = (operator.options or {}).get("fused_activation_function", "NONE")
        kind = operator.name if activation == "NONE" else f"{operator.name} + {activation}"
        sources = tuple(made_by[one.index] for one in tensors if one.index in made_by)
        for index in operator.outputs:
            made_by[index] = len(layers)
        count = sum(one.elements for one in weights)
        layers.append(Layer(layer_name(names), kind, output.shape, count, sources))
    return layers


def layer_name(tensors: list[str]) -> str:
    """The Keras layer's name: the middle of the first name like `model/dense_0/MatMul;...`."""
    for name in tensors:
        parts = name.split(";")[0].split("/")
        if len(parts) > 2:
            return "/".join(parts[1:-1])
    return tensors[0].split(";")[0]


def comparable(variants: Iterable[str]) -> list[Variant]:
    """Those whose layers can be compared with float32's.

    Another training's weights differ for more reasons than quantization.
    """
    known = [VARIANTS.get(name) for name in variants if name in VARIANTS]
    return [one for one in known if one.division == "closed" and one.name != BASELINE]


def errors(bench: Bench, task: Task, variant: Variant) -> list[Record]:
    """Every layer's error on test samples; from the cache if the same files gave them."""
    float32 = bench.pipeline.artifact(task, VARIANTS.get(BASELINE))
    artifact = bench.pipeline.artifact(task, variant)
    x = bench.pipeline.evaluation(task).test.x[:SAMPLES]
    inputs = {
        "files": [float32.sha256, artifact.sha256],
        "x": hashing.of_arrays({"x": x}),
        "runtime": environment.package_version("ai-edge-litert"),
    }

    def make() -> bytes:
        return json.dumps(list(layer_errors(float32, artifact, x))).encode()

    name = f"{task.name}-{variant.name}-layers"
    found: list[Record] = json.loads(bench.pipeline.store.get(name, inputs, "json", make))
    return found


def layer_errors(float32: Artifact, other: Artifact, x: NDArray[np.float32]) -> Iterator[Record]:
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


def outputs_after(
    artifact: Artifact, operators: list[int], x: NDArray[np.float32]
) -> list[NDArray[np.float32]]:
    """Real outputs of operators, in their order, for inputs (N, *input shape)."""
    model = tflite.read(artifact.data)
    tensors = [model.tensors[_only(model.operators[index].outputs)] for index in operators]
    shown = cut(artifact.data, operators[-1], [tensor.index for tensor in tensors])
    session = RUNTIMES.get(REFERENCE_RUNTIME).load(Artifact(f"{artifact.name}-layers", shown))
    assert isinstance(session, PortsSession)
    raw = session.run_ports([codes_of(x, input_of(model))[0]])
    return [values_of(*pair) for pair in zip(raw, tensors, strict=True)]


def _only(outputs: tuple[int, ...]) -> int:
    if len(outputs) != 1:
        raise tflite.ModelError(f"model: an operator has {len(outputs)} outputs; a layer has one")
    return outputs[0]
