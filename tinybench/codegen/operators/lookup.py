"""Operators that map one 8-bit code to another: a table of 256, computed as TFLM does each code."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tinybench.codegen import fixedpoint
from tinybench.codegen.arithmetic import (
    INT32_MAX,
    divide_by_power,
    float32,
    quantize_multiplier,
    rescale,
    round_half_away,
)
from tinybench.codegen.graph import Call, Graph, Step, quantization, refuse
from tinybench.codegen.operators.shaping import (
    operand,
    real_option,
    renamed,
    require_shape,
    require_type,
    result,
)
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.codegen.graph import Field, Lowering
    from tinybench.tflite.model import Operator, Tensor

Function: TypeAlias = Callable[[int], int]
"""An output code, before it is clamped to int8, from an input code."""


def table_step(
    graph: Graph, operator: Operator, source: Tensor, target: Tensor, values: Sequence[int]
) -> Step:
    """A lookup; `values` are the output's codes for an input's byte read as -128..127."""
    require_shape(operator, target, source.shape)
    return table_call(graph, operator, source, target, values)


def table_call(
    graph: Graph, operator: Operator, source: Tensor, target: Tensor, values: Sequence[int]
) -> Step:
    """A lookup between tensors of as many elements; nothing runs where it changes no code."""
    table = np.array(values, np.int64).astype(np.uint8).view(np.int8)
    if graph.constant(source.index) is None and (table == np.arange(-128, 128)).all():
        return renamed(operator, source, target)
    fields: dict[str, Field] = {"table": table, "elements": source.elements}
    call = Call("lookup_s8", (source.index, target.index), fields)
    return Step(operator, (call,), in_place=((source.index, target.index),))


def clamped(value: int) -> int:
    """`value` as an int8 code."""
    return min(max(value, -128), 127)


def _lowering(prepare: Callable[[Graph, Operator, Tensor, Tensor], Function]) -> Lowering:
    """A lowering for int8 input and output from what gives the function of a code."""

    def lower(graph: Graph, operator: Operator) -> Step:
        source, target = operand(graph, operator, 0), result(graph, operator)
        require_type(operator, source, "int8")
        require_type(operator, target, "int8")
        function = prepare(graph, operator, source, target)
        values = [clamped(function(code)) for code in range(-128, 128)]
        return table_step(graph, operator, source, target, values)

    return lower


def _relu(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """RELU rescales, then clamps at the output's zero point."""
    (scale, zero), (out_scale, out_zero) = _both(graph, operator, source, target)
    multiplier = quantize_multiplier(scale / out_scale)
    return lambda code: max(rescale(code - zero, *multiplier), 0) + out_zero


def _relu_range(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """RELU6 clamps raw codes by the input's quantization and does not look at the output's."""
    scale, zero = quantization(graph, operator, source.index)
    with np.errstate(over="ignore"):  # a damaged scale: infinity is refused by the rounding
        six = round_half_away(float(np.float32(6) / np.float32(scale)))
    high = clamped(zero + six)
    return lambda code: min(max(code, zero), high)


def _leaky_relu(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """LEAKY_RELU has a multiplier for each sign.

    The runtime rounds a negative slope by its magnitude, which decides ties.
    """
    (scale, zero), (out_scale, out_zero) = _both(graph, operator, source, target)
    slope = float32(real_option(operator, "alpha"))
    identity = quantize_multiplier(scale / out_scale)
    alpha = quantize_multiplier(scale * abs(slope) / out_scale)
    sign = -1 if slope < 0 else 1

    def function(code: int) -> int:
        if code >= zero:
            return rescale(code - zero, *identity) + out_zero
        return sign * rescale(code - zero, *alpha) + out_zero

    return function


def _abs(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """ABS rescales only between different scales."""
    (scale, zero), (out_scale, out_zero) = _both(graph, operator, source, target)
    if scale == out_scale:
        return lambda code: abs(code - zero) + out_zero
    multiplier = quantize_multiplier(scale / out_scale)
    return lambda code: rescale(abs(code - zero), *multiplier) + out_zero


def _elu(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """ELU is computed in float32, with a multiplication by the reciprocal of the output's scale."""
    (scale, zero), (out_scale, out_zero) = _both(graph, operator, source, target)
    inverse = np.float32(1) / np.float32(out_scale)

    def function(code: int) -> int:
        x = np.float32(scale) * np.float32(code - zero)
        if x < 0:
            x = np.float32(math.exp(x)) - np.float32(1)
        return round_half_away(min(max(float(x * inverse), -1024.0), 1024.0)) + out_zero

    return function


def _rsqrt(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """RSQRT; TFLM stops below zero, where this has the highest code, as at zero."""
    (scale, zero), (out_scale, out_zero) = _both(graph, operator, source, target)
    multiplier, shift = inverse_root_scaling(operator, scale, out_scale)

    def function(code: int) -> int:
        if code <= zero:
            return 127
        inverse, left = fixedpoint.inverse_root(code - zero)
        return rescale(rescale(1, inverse, left + 20), multiplier, shift) + out_zero

    return function


def inverse_root_scaling(operator: Operator, scale: float, out_scale: float) -> tuple[int, int]:
    """Multiplier and shift of RSQRT, for a number with 20 more bits."""
    multiplier, shift = quantize_multiplier(1 / (math.sqrt(scale) * out_scale))
    if shift - 20 < -31:
        raise refuse(operator, "the output's scale is too coarse for the input's")
    return multiplier, shift - 20


def _logistic(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """LOGISTIC has a fixed output: 1/256 from -128; TFLM checks only the zero point."""
    scale, zero = quantization(graph, operator, source.index)
    if quantization(graph, operator, target.index)[1] != -128:
        raise refuse(operator, f"{label(target)} has another zero point than -128")
    multiplier, shift, radius = _fixed_input(operator, source, scale)

    def function(code: int) -> int:
        value = code - zero
        if abs(value) >= radius:
            return 127 if value >= max(radius, 1) else -128
        raw = fixedpoint.logistic(rescale(value, multiplier, shift), 4)
        return divide_by_power(raw, 23) - 128

    return function


def _tanh(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """TANH has a fixed output, 1/128 from 0, that TFLM does not check."""
    scale, zero = quantization(graph, operator, source.index)
    multiplier, shift, radius = _fixed_input(operator, source, scale)

    def function(code: int) -> int:
        value = code - zero
        if abs(value) >= radius:
            return 127 if value >= max(radius, 1) else -128
        return divide_by_power(fixedpoint.tanh(rescale(value, multiplier, shift), 4), 24)

    return function


def _fixed_input(operator: Operator, source: Tensor, scale: float) -> tuple[int, int, int]:
    """Multiplier and shift to Q4.27, and the codes beyond which the result is saturated."""
    # Not `quantize_multiplier`: here TFLM lets the shift grow, until every code is saturated.
    fraction, shift = math.frexp(scale * 2**27)
    if not 0 <= shift < 63:
        raise refuse(operator, f"{label(source)}: its scale {scale:g} is out of range")
    multiplier = round_half_away(fraction * 2**31)
    return multiplier, shift, math.floor(15 * 2**27 / 2**shift)


def _hard_swish(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> Function:
    """HARD_SWISH in 16 bits: x · relu6(x + 3) / 6, with seven bits more than the input.

    Source: tflite-micro `reference/hard_swish.h`.
    """
    (scale, zero), (out_scale, out_zero) = _both(graph, operator, source, target)
    output = quantize_multiplier(scale / 128 / out_scale)
    reluish = quantize_multiplier(scale / 128 / (3 / 32768))
    if output[1] > 0:
        raise refuse(operator, "the output's scale is too fine for the input's")
    exponent = reluish[1]

    def function(code: int) -> int:
        x = (code - zero) * 128
        product = _multiply16(x, _down(output[0]))
        gate = x
        if exponent > 0:
            gate = _saturated16(gate << (exponent - 1))
        gate = _multiply16(gate, _down(reluish[0]))
        if exponent > 0:
            gate = _saturated16(gate << 1)
        if exponent < 0:
            gate = divide_by_power(gate, -exponent)
        gate = (gate + 2**15) >> 1
        return divide_by_power(_truncated(gate * product, 15), -output[1]) + out_zero

    return function


def _down(multiplier: int) -> int:
    """A multiplier cut to 16 bits."""
    return 2**15 - 1 if multiplier >= INT32_MAX - 2**15 else (multiplier + 2**15) >> 16


def _saturated16(value: int) -> int:
    return min(max(value, -(2**15)), 2**15 - 1)


def _multiply16(a: int, b: int) -> int:
    """gemmlowp's rounding product of Q0.15 numbers."""
    product = a * b
    return _saturated16(_truncated(product + (2**14 if product >= 0 else 1 - 2**14), 15))


def _truncated(value: int, bits: int) -> int:
    """value / 2^bits towards zero, as C divides."""
    return -(-value >> bits) if value < 0 else value >> bits


def _both(
    graph: Graph, operator: Operator, source: Tensor, target: Tensor
) -> tuple[tuple[float, int], tuple[float, int]]:
    """Scale and zero point of input and output; refuse scales that are worlds apart."""
    found = tuple(quantization(graph, operator, t.index) for t in (source, target))
    if not 2.0**-100 < float32(found[0][0] / found[1][0]) < 2.0**100:
        raise refuse(operator, f"scales {found[0][0]:g} and {found[1][0]:g} are too far apart")
    return found[0], found[1]


LOWERINGS = {
    "RELU": _lowering(_relu),
    "RELU6": _lowering(_relu_range),
    "LEAKY_RELU": _lowering(_leaky_relu),
    "ABS": _lowering(_abs),
    "ELU": _lowering(_elu),
    "RSQRT": _lowering(_rsqrt),
    "LOGISTIC": _lowering(_logistic),
    "TANH": _lowering(_tanh),
    "HARD_SWISH": _lowering(_hard_swish),
}
