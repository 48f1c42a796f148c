"""Operators on int16 codes without weights: element by element, reductions, softmax."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen.arithmetic import (
    activation_range,
    float32,
    quantize_multiplier,
    round_half_away,
)
from tinybench.codegen.graph import Array, Call, Graph, Lowering, Step, option, quantization, refuse
from tinybench.codegen.operators.elementwise import broadcast
from tinybench.codegen.operators.lookup import inverse_root_scaling
from tinybench.codegen.operators.reduction import reduced_axes, walks
from tinybench.codegen.operators.shaping import operand, require_shape, require_type, result
from tinybench.codegen.strided import walk
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

LOW, HIGH = -(2**15), 2**15 - 1
ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")

# fmt: off
ONE_MORE = frozenset((
    4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41,
    43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
))
# fmt: on
"""Where TFLM's table of the logistic function is one above the rounded value."""


def codes(graph: Graph, operator: Operator, *positions: int) -> list[Tensor]:
    """The inputs at these positions and the output; refuse what is absent or not int16."""
    tensors = [operand(graph, operator, position) for position in positions]
    tensors.append(result(graph, operator))
    for tensor in tensors:
        require_type(operator, tensor, "int16")
    return tensors


def symmetric_scale(graph: Graph, operator: Operator, tensor: Tensor) -> float:
    """The scale of a tensor; refuse a zero point, which TFLM's int16 kernels have none of."""
    scale, zero_point = quantization(graph, operator, tensor.index)
    if zero_point:
        raise refuse(operator, f"{label(tensor)} has zero point {zero_point}, not 0")
    return scale


def bounds(operator: Operator, scale: float, zero_point: int) -> dict[str, int]:
    """The fields `low` and `high` of a kernel with a fused activation."""
    activation = option(operator, "fused_activation_function", "NONE")
    if activation not in ACTIVATIONS:
        raise refuse(operator, f"the fused activation {activation} is not supported")
    low, high = activation_range(activation, scale, zero_point, LOW, HIGH)
    return {"low": low, "high": high}


def _binary(graph: Graph, operator: Operator, kernel: str, fields: Mapping[str, Any]) -> Step:
    first, second, target = codes(graph, operator, 0, 1)
    fields = {"walk": walk(broadcast(operator, first, second, target)), **fields}
    call = Call(kernel, (first.index, second.index, target.index), fields)
    same_size = [t for t in (first, second) if t.elements == target.elements]
    return Step(operator, (call,), in_place=tuple((t.index, target.index) for t in same_size))


def add(graph: Graph, operator: Operator) -> Step:
    """ADD and SUB: both operands on a common scale with 15 more bits, then the output's."""
    a, b, out = (symmetric_scale(graph, operator, t) for t in codes(graph, operator, 0, 1))
    twice = 2 * max(a, b)
    reals = (a / twice, b / twice, twice / (2**15 * out))
    multipliers = [quantize_multiplier(real) for real in reals]
    if any(shift > 0 for _, shift in multipliers):
        raise refuse(operator, "the output's scale is too fine for the inputs'")
    fields: dict[str, int] = {}
    for suffix, (multiplier, shift) in zip(("_a", "_b", ""), multipliers, strict=True):
        if not suffix:
            fields["sign"] = -1 if operator.name == "SUB" else 1
        fields |= {f"multiplier{suffix}": multiplier, f"shift{suffix}": -shift}
    return _binary(graph, operator, "add_s16", {**fields, **bounds(operator, out, 0)})


def mul(graph: Graph, operator: Operator) -> Step:
    """MUL: one product, one multiplier."""
    a, b, out = (symmetric_scale(graph, operator, t) for t in codes(graph, operator, 0, 1))
    fields = {**_multiplier(a * b / out), **bounds(operator, out, 0)}
    return _binary(graph, operator, "mul_s16", fields)


def _multiplier(real: float, suffix: str = "") -> dict[str, int]:
    multiplier, shift = quantize_multiplier(real)
    return {f"multiplier{suffix}": multiplier, f"shift{suffix}": shift}


def _unary(graph: Graph, operator: Operator, kernel: str, fields: Mapping[str, Any]) -> Step:
    source, target = codes(graph, operator, 0)
    require_shape(operator, target, source.shape)
    call = Call(kernel, (source.index, target.index), {"elements": source.elements, **fields})
    return Step(operator, (call,), in_place=((source.index, target.index),))


def leaky_relu(graph: Graph, operator: Operator) -> Step:
    """LEAKY_RELU, and RELU, whose slope below zero is 0."""
    source, target = (symmetric_scale(graph, operator, t) for t in codes(graph, operator, 0))
    alpha = float32(option(operator, "alpha", 0.0)) if operator.name == "LEAKY_RELU" else 0.0
    fields = {
        **_multiplier(source / target),
        **_multiplier(source * abs(alpha) / target, "_below"),
        "sign": -1 if alpha < 0 else 1,
    }
    return _unary(graph, operator, "leaky_relu_s16", fields)


def magnitude(graph: Graph, operator: Operator) -> Step:
    """ABS: codes rescaled between different scales; numbers without a scale may wrap."""
    source, target = codes(graph, operator, 0)
    if source.quantization is None or not source.quantization.scales:
        return _unary(graph, operator, "abs_s16", {"multiplier": 2**30, "shift": 1, "high": 2**15})
    scales = [symmetric_scale(graph, operator, tensor) for tensor in (source, target)]
    fields = {**_multiplier(scales[0] / scales[1]), "high": HIGH}
    if scales[0] == scales[1]:
        fields |= {"multiplier": 2**30, "shift": 1}
    return _unary(graph, operator, "abs_s16", fields)


def rsqrt(graph: Graph, operator: Operator) -> Step:
    """RSQRT of positive codes."""
    scales = [symmetric_scale(graph, operator, tensor) for tensor in codes(graph, operator, 0)]
    multiplier, shift = inverse_root_scaling(operator, *scales)
    return _unary(graph, operator, "rsqrt_s16", {"multiplier": multiplier, "shift": shift})


def relu6(graph: Graph, operator: Operator) -> Step:
    """RELU6: raw codes are clamped by the input's quantization; the output's does not count."""
    source, _ = codes(graph, operator, 0)
    scale, zero_point = quantization(graph, operator, source.index)
    six = zero_point + round_half_away(float32(float(np.float32(6) / np.float32(scale))))
    return _unary(graph, operator, "clamp_s16", {"low": zero_point, "high": min(six, HIGH)})


def _sigmoid(kernel: str, most_shift: int) -> Lowering:
    """The lowering of LOGISTIC and TANH, by the table that TFLM has."""

    def lower(graph: Graph, operator: Operator) -> Step:
        source, target = (symmetric_scale(graph, operator, t) for t in codes(graph, operator, 0))
        if _power_of_two(target) != -15:
            raise refuse(operator, f"the output's scale is {target}, not 1/32768")
        exponent = _power_of_two(source)
        if exponent is not None and 0 <= exponent + 12 <= most_shift:
            multiplier, shift = 3 << exponent + 12, 0
        else:
            real, shift = source * 4096 * 3, 0
            while real <= 32767 / 2 and shift <= 30:
                real, shift = real * 2, shift + 1
            multiplier = int(real)
        if multiplier > HIGH:
            raise refuse(operator, f"the input's scale {source} is too large")
        sigmoid = {"table": sigmoid_table(), "multiplier": multiplier, "shift": shift}
        return _unary(graph, operator, kernel, {"sigmoid": sigmoid})

    return lower


def sigmoid_table() -> Array:
    """TFLM's `sigmoid_table_uint16`, less 2^15: the logistic function of i / 24 in Q16."""
    values = [round_half_away(2**16 / (1 + math.exp(-i / 24))) for i in range(256)]
    return np.array([v - 2**15 + (i in ONE_MORE) for i, v in enumerate(values)], np.int16)


def _power_of_two(scale: float) -> int | None:
    """The exponent of a scale that is nearly a power of two, as TFLM's `CheckedLog2` sees it."""
    exponent = math.log2(scale)
    return round(exponent) if abs(exponent - round(exponent)) < 1e-3 else None


def total(graph: Graph, operator: Operator) -> Step:
    """MEAN and SUM: add up codes, then rescale; MEAN has the count in its multiplier."""
    source, target = codes(graph, operator, 0)
    axes = reduced_axes(graph, operator, source, target)
    count = math.prod(source.shape[axis] for axis in axes)
    if count >= 2**16:
        raise refuse(operator, f"a sum of {count:,} codes may not fit 32 bits")
    scales = [symmetric_scale(graph, operator, tensor) for tensor in (source, target)]
    multiplier, shift = quantize_multiplier(scales[0] / scales[1])
    if operator.name == "MEAN":
        # tflite-micro reference/reduce.h, QuantizedMeanOrSum: as many bits as 64 can hold.
        spare = min(count.bit_length() - 1, 32, 31 + shift)
        multiplier, shift = (multiplier << spare) // count, shift - spare
    fields = {**walks(source, axes), "multiplier": multiplier, "shift": shift}
    return Step(operator, (Call("sum_s16", (source.index, target.index), fields),))


def softmax(graph: Graph, operator: Operator) -> Step:
    """SOFTMAX by two tables; rows are whatever stands before the last dimension."""
    source, target = codes(graph, operator, 0)
    require_shape(operator, target, source.shape)
    scale, zero_point = quantization(graph, operator, target.index)
    if zero_point or abs(scale - 2**-15) > 0.001 * 2**-15:
        raise refuse(operator, f"the output's quantization is {scale}:{zero_point}, not 1/32768:0")
    beta = float32(option(operator, "beta", 1.0))
    depth = source.shape[-1] if source.shape else 1
    if depth >= 2**15:
        raise refuse(operator, f"{depth:,} terms may not fit 32 bits")
    given, _ = quantization(graph, operator, source.index)
    fields: dict[str, Any] = {
        "rows": source.elements // depth,
        "depth": depth,
        **_multiplier(given * beta / (10.0 / 65535.0)),
        "exponential": _table(lambda x: np.float32(math.exp(x)), -10.0, 0.0),
        "reciprocal": _table(lambda x: np.float32(np.float32(1) / (np.float32(1) + x)), 0.0, 1.0),
    }
    call = Call("softmax_s16", (source.index, target.index), fields)
    return Step(operator, (call,), in_place=((source.index, target.index),))


def _table(function: Callable[[np.float32], np.float32], first: float, last: float) -> Array:
    """513 values of a function in Q15, each off by half of what interpolation errs midway.

    In float32 throughout. Source: tflite-micro `kernels/internal/common.h`.
    """
    start, one = np.float32(first), np.float32(2**15)
    step = (np.float32(last) - start) / np.float32(512)

    def rounded(value: Any) -> Any:
        return np.float32(round_half_away(float(value)))

    values: list[float] = []
    for i in range(512):
        x = start + np.float32(i) * step
        sample = rounded(function(x) * one)
        following = function(start + np.float32(i + 1) * step) * one
        midway = rounded((following + sample) / np.float32(2))
        error = midway - rounded(function(x + step / np.float32(2)) * one)
        values.append(float(sample - rounded(error / np.float32(2))))
    values.append(float(rounded(function(np.float32(last)) * one)))
    return np.clip(values, LOW, HIGH).astype(np.int16)


LOWERINGS = {
    "ADD": add,
    "SUB": add,
    "MUL": mul,
    "RELU": leaky_relu,
    "RELU6": relu6,
    "LEAKY_RELU": leaky_relu,
    "ABS": magnitude,
    "RSQRT": rsqrt,
    "LOGISTIC": _sigmoid("logistic_s16", 0),
    "TANH": _sigmoid("tanh_s16", 1),
    "MEAN": total,
    "SUM": total,
    "SOFTMAX": softmax,
}
