"""A model as a graph of layers, with the names that Keras gave them."""

from __future__ import annotations

from dataclasses import dataclass

from tinybench.tflite.model import Model


@dataclass(frozen=True, slots=True)
class Layer:
    """A box of the graph; `sources` are the indexes of the layers that it reads."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    sources: tuple[int, ...] = ()


def layers_of(model: Model) -> list[Layer]:
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
        outputs = [model.tensors[index] for index in operator.outputs]
        names = [one.name for one in (*outputs[:1], *weights)] or [operator.name]
        activation = (operator.options or {}).get("fused_activation_function", "NONE")
        kind = operator.name if activation == "NONE" else f"{operator.name} + {activation}"
        sources = tuple(made_by[one.index] for one in tensors if one.index in made_by)
        for index in operator.outputs:
            made_by[index] = len(layers)
        count = sum(one.elements for one in weights)
        shape = outputs[0].shape if outputs else ()
        layers.append(Layer(layer_name(names), kind, shape, count, sources))
    return layers


def layer_name(tensors: list[str]) -> str:
    """The Keras layer's name: the middle of the first name like `model/dense_0/MatMul;...`."""
    for name in tensors:
        parts = name.split(";")[0].split("/")
        if len(parts) > 2:
            return "/".join(parts[1:-1])
    return tensors[0].split(";")[0]
