"""One call of a model as a TensorFlow function: batch 1, and the signature of the samples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.conversion.errors import ConversionError
from tinybench.conversion.ports import Port, Ports, Samples, outputs_of, structure
from tinybench.datasets.data import INPUT
from tinybench.tensorflow import KerasModel, is_functional, is_keras3, load, load_keras3

FRAMEWORK_ARGUMENTS = ("training", "mask")
"""Arguments of a model's `call` that are no inputs."""
AGREEING = 4
"""Samples that two ways to trace a model are compared on."""
RESHAPING = ("Identity", "Reshape", "ExpandDims", "Squeeze", "Transpose")
"""Operations that leave numbers as they are."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A concrete function, what it takes, and the names of what it gives."""

    function: Any
    inputs: Mapping[str, NDArray[Any]]
    outputs: tuple[str, ...]

    @property
    def samples(self) -> Samples:
        """What the inputs are calibrated with: bare for the usual model of one float input."""
        (name, *more), (x, *_) = list(self.inputs), list(self.inputs.values())
        return x if name == INPUT and not more else self.inputs

    @property
    def ports(self) -> Ports:
        """Inputs and outputs, in the function's order."""
        found = [
            Port(name, tuple(tensor.shape[1:]), tensor.dtype.name)
            for name, tensor in zip(self.outputs, self.function.outputs, strict=True)
        ]
        given = [Port(name, x.shape[1:], x.dtype.name) for name, x in self.inputs.items()]
        return Ports(tuple(given), tuple(found))

    def agrees(self, other: Traced) -> bool:
        """Whether another function computes the same of some samples."""
        tf = load().tf
        rows = zip(*(x[:AGREEING] for x in self.inputs.values()), strict=True)
        return all(
            np.allclose(mine, theirs, rtol=1e-5, atol=1e-6)
            for row in rows
            for mine, theirs in zip(
                *(
                    tf.nest.flatten(each.function(*(tf.constant(x[None]) for x in row)))
                    for each in (self, other)
                ),
                strict=True,
            )
        )

    def numbers(self) -> set[str]:
        """The integer inputs that the model reads as real numbers: it casts them to float."""
        nodes = self.function.graph.as_graph_def().node
        readers: dict[str, list[Any]] = {}
        for node in nodes:
            for source in node.input:
                readers.setdefault(source.partition(":")[0], []).append(node)
        floating = {load().tf.float32.as_datatype_enum, load().tf.float16.as_datatype_enum}

        def is_number(node: str) -> bool:
            found = readers.get(node, [])
            return bool(found) and all(
                one.attr["DstT"].type in floating
                if one.op == "Cast"
                else one.op in RESHAPING and is_number(one.name)
                for one in found
            )

        placeholders = (tensor.op.name for tensor in self.function.inputs)
        return {
            name
            for (name, x), node in zip(self.inputs.items(), placeholders, strict=False)
            if x.dtype.kind in "iub" and is_number(node)
        }


def traced(model: KerasModel, inputs: Mapping[str, NDArray[Any]]) -> Traced:
    """Trace the model on inputs of the samples' shapes and types, with a batch of one."""
    tf = load().tf
    call = caller(model, inputs)
    names: list[str] = []

    def infer(*tensors: Any) -> Any:
        found = outputs_of(model, call(*tensors))
        names[:] = found
        # A single one stays bare: a tuple would name it otherwise in the file.
        return tuple(found.values()) if len(found) > 1 else next(iter(found.values()))

    signature = [
        tf.TensorSpec((1, *x.shape[1:]), x.dtype, name=_node_name(name))
        for name, x in inputs.items()
    ]
    try:
        function = tf.function(infer, input_signature=signature).get_concrete_function()
    except ConversionError:
        raise
    except Exception as error:
        raise ConversionError(
            f"the model cannot be called with its data: {reason(error)}"
        ) from error
    return Traced(function, inputs, tuple(names))


def caller(model: KerasModel, inputs: Mapping[str, Any]) -> Callable[..., Any]:
    """A call of the model for inference, with one tensor for each of its inputs, in order."""
    names = tuple(inputs)
    if hasattr(model, "declared_inputs"):
        return lambda *tensors: model(*tensors)
    extra = {"training": False} if _takes_training(model) else {}
    if len(names) == 1 and not isinstance(structure(model), Mapping):
        return lambda x: model(x, **extra)
    if is_functional(model):
        if not is_keras3(model):
            return lambda *tensors: model(list(tensors), **extra)
        tree = load_keras3().tree
        return lambda *tensors: model(tree.pack_sequence_as(structure(model), tensors), **extra)
    if len(_arguments(model)) > 1:
        return lambda *tensors: model(*tensors, **extra)
    if isinstance(structure(model), list | tuple):
        return lambda *tensors: model(list(tensors), **extra)
    if isinstance(nested := structure(model), Mapping):
        names = tuple(nested)
    return lambda *tensors: model(dict(zip(names, tensors, strict=True)), **extra)


def _takes_training(model: KerasModel) -> bool:
    if is_functional(model) or is_keras3(model):
        return True
    parameters = inspect.signature(model.call).parameters
    return "training" in parameters or any(
        one.kind is one.VAR_KEYWORD for one in parameters.values()
    )


def _arguments(model: KerasModel) -> list[str]:
    """The arguments of `call` that must be given."""
    return [
        name
        for name, one in inspect.signature(model.call).parameters.items()
        if name not in FRAMEWORK_ARGUMENTS
        and one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        and one.default is one.empty
    ]


def reason(error: BaseException) -> str:
    """The last line of an error that says something: frameworks wrap theirs in many."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(("Call arguments", "•", "File"))]
    return told[-1] if told else type(error).__name__


def _node_name(name: str) -> str:
    """A name that a node of a graph may have."""
    cleaned = re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", name)
    return cleaned if re.match(r"[A-Za-z0-9.]", cleaned) else f"{INPUT}{cleaned}"
