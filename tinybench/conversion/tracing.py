"""One call of a model as a TensorFlow function: batch 1, and the signature of the samples."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from tinybench.conversion.errors import ConversionError
from tinybench.conversion.ports import INPUT, Port, Ports, outputs_of
from tinybench.tensorflow import KerasModel, is_functional, is_keras3, load, load_keras3

FRAMEWORK_ARGUMENTS = ("training", "mask")
"""Arguments of a model's `call` that are no inputs."""


@dataclass(frozen=True, slots=True)
class Traced:
    """A concrete function, what it takes, and the names of what it gives."""

    function: Any
    inputs: Mapping[str, NDArray[Any]]
    outputs: tuple[str, ...]

    @property
    def ports(self) -> Ports:
        """Inputs and outputs, in the function's order."""
        found = [
            Port(name, tuple(tensor.shape[1:]), tensor.dtype.name)
            for name, tensor in zip(self.outputs, self.function.outputs, strict=True)
        ]
        given = [Port(name, x.shape[1:], x.dtype.name) for name, x in self.inputs.items()]
        return Ports(tuple(given), tuple(found))


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
    if len(names) == 1 and not isinstance(_structure(model), Mapping):
        return lambda x: model(x, **extra)
    if is_functional(model):
        if not is_keras3(model):
            return lambda *tensors: model(list(tensors), **extra)
        tree = load_keras3().tree
        return lambda *tensors: model(tree.pack_sequence_as(_structure(model), tensors), **extra)
    if len(_arguments(model)) > 1:
        return lambda *tensors: model(*tensors, **extra)
    if isinstance(_structure(model), list | tuple):
        return lambda *tensors: model(list(tensors), **extra)
    return lambda *tensors: model(dict(zip(names, tensors, strict=True)), **extra)


def _structure(model: KerasModel) -> Any:
    """How the model's inputs are nested, as far as it remembers."""
    if is_functional(model):
        return getattr(model, "_inputs_struct", None) or getattr(model, "_nested_inputs", None)
    if spec := getattr(model, "_saved_model_inputs_spec", None):
        return spec
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    (shape,) = shapes.values() if len(shapes) == 1 else (None,)
    if isinstance(shape, Mapping) or (shape and isinstance(shape[0], list | tuple)):
        return shape
    return None


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
