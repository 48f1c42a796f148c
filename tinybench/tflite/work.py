"""What one inference of a model costs on any device: multiply-accumulates and constant bytes."""

from __future__ import annotations

import math

from tinybench.tflite.model import Model, ModelError, Operator, Tensor, label


def macs(model: Model) -> int:
    """Return the multiply-accumulates of one inference, the sum of `operator_macs`."""
    return sum(operator_macs(model, operator) for operator in model.operators)


def operator_macs(model: Model, operator: Operator) -> int:
    """Return the multiply-accumulates of one operator, for the batch of the static shape.

    With |x| the number of elements of a tensor:

    - `FULLY_CONNECTED`: |output| · inputs, weights being [outputs, inputs]
    - `CONV_2D`: |output| · kh · kw · ci, weights [co, kh, kw, ci], ci being those of one group
    - `DEPTHWISE_CONV_2D`: |output| · kh · kw, weights [1, kh, kw, co]
    - `TRANSPOSE_CONV`: |input| · kh · kw · co, weights [co, kh, kw, ci]
    - `BATCH_MATMUL`: |output| · k, k being the dimension summed over
    - any other: 0

    Taps that fall on padding are counted, as usual in the field: a kernel may skip them. So are,
    for `TRANSPOSE_CONV`, products that padding cuts off. Bias additions are not counted. Raise
    `ModelError` when an operand is absent or has another rank than above.
    """
    match operator.name:
        case "FULLY_CONNECTED":
            return _output(model, operator).elements * _input(model, operator, 1, 2).shape[1]
        case "CONV_2D":
            weights = _input(model, operator, 1, 4).shape
            return _output(model, operator).elements * math.prod(weights[1:])
        case "DEPTHWISE_CONV_2D":
            weights = _input(model, operator, 1, 4).shape
            return _output(model, operator).elements * weights[1] * weights[2]
        case "TRANSPOSE_CONV":
            weights = _input(model, operator, 1, 4).shape
            return _input(model, operator, 2, 4).elements * math.prod(weights[:3])
        case "BATCH_MATMUL":
            left = _input(model, operator, 0).shape
            if len(left) < 2:
                raise ModelError(f"{label(operator)}: input 0 has {len(left)} dimensions, not 2")
            summed = left[-2] if (operator.options or {}).get("adj_x") else left[-1]
            return _output(model, operator).elements * summed
    return 0


def weight_bytes(model: Model) -> int:
    """Return the bytes of the constants that operators read: weights, biases, shapes and tables.

    A buffer that several tensors share counts once. Quantization parameters are not in it.
    """
    sizes = {
        tensor.buffer: len(tensor.data)
        for operator in model.operators
        for tensor in (model.tensors[index] for index in operator.inputs if index != -1)
        if tensor.data is not None
    }
    return sum(sizes.values())


def _input(model: Model, operator: Operator, position: int, rank: int | None = None) -> Tensor:
    present = position < len(operator.inputs) and operator.inputs[position] != -1
    if not present:
        raise ModelError(f"{label(operator)}: input {position} is absent")
    tensor = model.tensors[operator.inputs[position]]
    if rank is not None and len(tensor.shape) != rank:
        found = len(tensor.shape)
        raise ModelError(f"{label(operator)}: input {position} has {found} dimensions, not {rank}")
    return tensor


def _output(model: Model, operator: Operator) -> Tensor:
    if not operator.outputs:
        raise ModelError(f"{label(operator)}: no output")
    return model.tensors[operator.outputs[0]]
