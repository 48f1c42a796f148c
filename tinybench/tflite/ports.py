"""What goes in and out of a model: its tensors, and codes for real numbers and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.tflite.flat import PortsError
from tinybench.tflite.model import Model, Tensor, label
from tinybench.tflite.quantize import dequantize, quantize


def input_of(model: Model) -> Tensor:
    """The one input tensor."""
    return model.tensors[_only(model.inputs, "inputs")]


def output_of(model: Model) -> Tensor:
    """The one output tensor."""
    return model.tensors[_only(model.outputs, "outputs")]


def _only(indexes: Sequence[int], what: str) -> int:
    if len(indexes) != 1:
        raise PortsError(f"the model has {len(indexes)} {what}; a task's model has one")
    return indexes[0]


def inputs_of(model: Model) -> list[Tensor]:
    """Every input tensor, in the model's order."""
    return [model.tensors[index] for index in model.inputs]


def outputs_of(model: Model) -> list[Tensor]:
    """Every output tensor, in the model's order."""
    return [model.tensors[index] for index in model.outputs]


def plain_name(tensor: Tensor) -> str:
    """What the model's author called an input: without what a SavedModel's converter adds."""
    return tensor.name.removeprefix("serving_default_").rpartition(":")[0] or tensor.name


def arranged(values: Mapping[str, NDArray[Any]], model: Model) -> list[NDArray[Any]]:
    """Arrays (N, *shape) in the order of a model's inputs: by name if all names fit, else as given.

    ModelError for another number of inputs, or another shape.
    """
    tensors = inputs_of(model)
    names = [plain_name(tensor) for tensor in tensors]
    if len(values) != len(tensors):
        raise PortsError(
            f"the model has {len(tensors)} inputs ({', '.join(names)}), "
            f"the data have {len(values)} ({', '.join(values)})"
        )
    if {*names} == {*values}:
        values = {name: values[name] for name in names}
    for (name, array), tensor in zip(values.items(), tensors, strict=True):
        shape = tensor.shape[1:] if tensor.shape[:1] == (1,) else tensor.shape
        if array.shape[1:] != shape:
            raise PortsError(
                f"{label(tensor)} takes {shape}, but {name} of the data has {array.shape[1:]}"
            )
    return list(values.values())


def all_codes(values: Mapping[str, NDArray[Any]], model: Model) -> tuple[list[NDArray[Any]], int]:
    """Every input in the type that the model wants, and how many values were clipped in all."""
    pairs = zip(arranged(values, model), inputs_of(model), strict=True)
    found = [codes_of(*pair) for pair in pairs]
    return [codes for codes, _ in found], sum(clipped for _, clipped in found)


def codes_of(x: NDArray[Any], tensor: Tensor) -> tuple[NDArray[Any], int]:
    """Inputs in the type that a tensor wants, and how many values were clipped."""
    if tensor.dtype == "float32" or tensor.quantization is None:
        return x.astype(tensor.dtype, copy=False), 0
    scale, zero_point = tensor.quantization.scales[0], tensor.quantization.zero_points[0]
    return quantize(x, scale, zero_point, tensor.dtype)


def values_of(codes: NDArray[Any], tensor: Tensor) -> NDArray[np.float32]:
    """Outputs as real numbers."""
    if tensor.dtype == "float32" or tensor.quantization is None:
        return codes.astype(np.float32, copy=False)
    return dequantize(codes, tensor.quantization.scales[0], tensor.quantization.zero_points[0])


def output_grid(model: Model, output: Tensor | None = None) -> Tensor | None:
    """The integer tensor that an output is, or is dequantized from; None for a float model.

    The output is the only one if not stated.
    """
    output = output or output_of(model)
    if output.quantization is not None:
        return output
    for operator in model.operators:
        if operator.name == "DEQUANTIZE" and operator.outputs == (output.index,):
            source = model.tensors[operator.inputs[0]]
            return source if source.quantization is not None else None
    return None
