"""What goes in and out of a model: its tensors, and codes for real numbers and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.tflite.model import Model, ModelError, Tensor
from tinybench.tflite.quantize import dequantize, quantize


def input_of(model: Model) -> Tensor:
    """The one input tensor."""
    return model.tensors[_only(model.inputs, "inputs")]


def output_of(model: Model) -> Tensor:
    """The one output tensor."""
    return model.tensors[_only(model.outputs, "outputs")]


def _only(indexes: tuple[int, ...], what: str) -> int:
    if len(indexes) != 1:
        raise ModelError(f"the model has {len(indexes)} {what}; a task's model has one")
    return indexes[0]


def codes_of(x: NDArray[np.float32], tensor: Tensor) -> tuple[NDArray[Any], int]:
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


def output_grid(model: Model) -> Tensor | None:
    """The integer tensor that the output is, or is dequantized from; None for a float model."""
    output = output_of(model)
    if output.quantization is not None:
        return output
    for operator in model.operators:
        if operator.name == "DEQUANTIZE" and operator.outputs == (output.index,):
            source = model.tensors[operator.inputs[0]]
            return source if source.quantization is not None else None
    return None
