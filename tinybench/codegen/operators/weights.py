"""What the matrix kernels share: folding, layout and bounds of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen.arithmetic import INT32_MAX, activation_range, per_channel_multipliers
from tinybench.codegen.graph import Array, Graph, option, quantization, refuse
from tinybench.codegen.requantize import Requantize
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybench.tflite.model import Operator


HALVES = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
"""Operators whose int8 kernels in TensorFlow Lite Micro take weights of int4."""


def constant_operand(graph: Graph, operator: Operator, position: int, dtype: str) -> Array:
    """The constant at a position of the inputs, of this type; refuse anything else.

    Weights of int4 are int8 ones that happen to be small.
    """
    if position >= len(operator.inputs) or operator.inputs[position] < 0:
        raise refuse(operator, f"input {position} is absent")
    tensor = graph.tensor(operator.inputs[position])
    value = graph.constant(tensor.index)
    if value is None:
        raise refuse(operator, f"{label(tensor)} is computed; weights must be constant")
    found = "int8" if tensor.dtype == "int4" and operator.name in HALVES else tensor.dtype
    if found != dtype:
        raise refuse(operator, f"{label(tensor)} is {tensor.dtype}, not {dtype}")
    return value


def bias_operand(
    graph: Graph, operator: Operator, channels: int, dtype: str = "int32", position: int = 2
) -> Array:
    """The bias, zeros where the operator has none; its own scale does not matter."""
    if len(operator.inputs) <= position or operator.inputs[position] < 0:
        return np.zeros(channels, dtype)
    bias = constant_operand(graph, operator, position, dtype)
    if bias.size != channels:
        raise refuse(operator, f"{bias.size} biases for {channels} channels")
    return np.asarray(bias.reshape(-1))


def require(operator: Operator, graph: Graph, index: int, dtype: str) -> None:
    """Refuse a tensor of another type."""
    tensor = graph.tensor(index)
    if tensor.dtype != dtype:
        raise refuse(operator, f"{label(tensor)} is {tensor.dtype}, not {dtype}")


def fold_zero_point(bias: Array, weights: Array, zero_point: int) -> Array:
    """Biases that stand for bias - zero_point · Σw, modulo 2^32; weights are (channels, inputs)."""
    exact = bias.astype(np.int64) - zero_point * weights.astype(np.int64).sum(axis=1)
    return np.asarray((exact + 2**31) % 2**32 - 2**31, np.int32)


def requantize_rule(
    graph: Graph,
    operator: Operator,
    rows: Array,
    bias: Array,
    *,
    channel_axis: int,
    source: int = 0,
) -> Requantize:
    """The rule for weights (channels, inputs) and int8 inputs and outputs.

    Refuse sums that can leave 32 bits.
    """
    multipliers = channel_multipliers(graph, operator, rows, channel_axis, source)
    if (reach := largest_sum(rows, bias, multipliers)) > INT32_MAX:
        raise refuse(operator, f"sums of up to {reach} do not fit 32 bits")
    _, input_zero = quantization(graph, operator, operator.inputs[source])
    _, output_zero = quantization(graph, operator, operator.outputs[0])
    low, high = output_range(graph, operator)
    widest = max(127 - input_zero, input_zero + 128)
    reached = np.abs(bias.astype(np.int64)) + widest * np.abs(rows.astype(np.int64)).sum(axis=1)
    return Requantize(tuple(multipliers), output_zero, low, high, int(reached.max(initial=0)))


def channel_multipliers(
    graph: Graph,
    operator: Operator,
    rows: Array,
    channel_axis: int,
    source: int = 0,
    *,
    zero_points: bool = False,
) -> list[tuple[int, int]]:
    """A multiplier for each channel of weights (channels, inputs).

    A scale that all channels share is repeated: kernels need no case for it. With it, weights may
    have one of the `zero_points` that a kernel subtracts.
    """
    input_scale, _ = quantization(graph, operator, operator.inputs[source])
    output_scale, _ = quantization(graph, operator, operator.outputs[0])
    weights = graph.tensor(operator.inputs[1])
    found = weights.quantization
    if found is None or not found.scales or found.details:
        raise refuse(operator, f"{label(weights)} has no scales")
    if any(found.zero_points) and not (zero_points and len(found.scales) == 1):
        raise refuse(operator, f"{label(weights)} has zero points other than 0")
    along = found.axis == channel_axis and len(found.scales) == rows.shape[0]
    if len(found.scales) != 1 and not along:
        raise refuse(operator, f"{label(weights)} has scales along axis {found.axis}")
    multipliers = per_channel_multipliers(input_scale, found.scales, output_scale)
    return multipliers * int(rows.shape[0] // len(multipliers))


def output_range(graph: Graph, operator: Operator) -> tuple[int, int]:
    """The codes that the fused activation leaves of an int8 output."""
    scale, zero_point = quantization(graph, operator, operator.outputs[0])
    return activation_range(
        option(operator, "fused_activation_function", "NONE"), scale, zero_point
    )


def largest_sum(rows: Array, bias: Array, multipliers: Sequence[tuple[int, int]]) -> int:
    """The largest magnitude on the way from codes to an output, with the kernels' order.

    They fold the zero point into the bias and sum raw codes, so partial sums reach
    |bias| + 256 · Σ|w|; multipliers above one shift them left before they round.
    """
    sums = np.abs(bias.astype(np.int64)) + 256 * np.abs(rows.astype(np.int64)).sum(axis=1)
    most = 0
    for largest, (multiplier, shift) in zip(sums.tolist(), multipliers, strict=True):
        shifted = largest << max(shift, 0)
        offset = (shifted * multiplier >> 31 >> max(-shift, 0)) + 129  # rounding, zero point
        most = max(most, shifted, offset)
    return most


def multiplier(operator: Operator, value: int, shift: int, bound: int) -> dict[str, int]:
    """The members of `struct tb_multiplier` for numbers up to `bound`; refuse what is too large."""
    left = max(shift, 0) if value else 0
    if bound << left >= 2**30:
        raise refuse(operator, f"sums of up to {bound << left} do not fit 30 bits")
    return {"value": value, "left": left, "right": max(-shift, 0)}


def wide_multipliers(
    operator: Operator, multipliers: Sequence[tuple[int, int]], bound: int
) -> list[tuple[int, int]]:
    """Multipliers of 16 bits and shifts to the right, for sums of 64 bits up to `bound`.

    Source: tflite-micro `kernels/internal/common.cc`, `MultiplyByQuantizedMultiplier` of 64 bits,
    whose sums may not have more than 48 bits and whose multipliers are below 2^7.
    """
    if bound >= 2**47 or any(shift > 7 for _, shift in multipliers):
        raise refuse(operator, "sums or multipliers are too large for 64 bits")
    return [(q + 2**15 >> 16 if q < 0x7FFF0000 else 0x7FFF, 15 - shift) for q, shift in multipliers]


def sum_scale(multipliers: Sequence[tuple[int, int]], *, wide: bool) -> dict[str, Any]:
    """The members of `struct tb_scale_s16` but for the range."""
    return {
        "multiplier": np.array([q for q, _ in multipliers], np.int32),
        "shift": np.array([shift for _, shift in multipliers], np.int8),
        "channel_mask": 0 if len(multipliers) == 1 else -1,
        "wide": int(wide),
    }


def blocked(rows: Array, block: int) -> Array:
    """Weights (channels, inputs) in the layout of `kernels/tb_dot_s8.h`, flat.

    Blocks of `block` channels; in each, groups of 4 inputs; in each, 4 weights a channel. Missing
    channels and inputs are zero.
    """
    channels, inputs = rows.shape
    padded = np.zeros((-(-channels // block) * block, -(-inputs // 4) * 4), np.int8)
    padded[:channels, :inputs] = rows
    grouped = padded.reshape(-1, block, padded.shape[1] // 4, 4)
    return np.ascontiguousarray(grouped.transpose(0, 2, 1, 3)).reshape(-1)


def filled(values: Array, block: int) -> Array:
    """`values` filled up with zeros to a multiple of `block`."""
    return np.concatenate([values, np.zeros(-values.size % block, values.dtype)])
