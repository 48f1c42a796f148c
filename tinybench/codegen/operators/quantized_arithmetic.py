"""DIV, SQUARED_DIFFERENCE and ADD_N of codes, whose operands share a scale before they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.arithmetic import activation_range, float32, quantize_multiplier
from tinybench.codegen.graph import Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.elementwise import walked
from tinybench.codegen.operators.shaping import (
    operand,
    require_shape,
    require_type,
    result,
)
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

TERMS = 15
"""Tensors whose sum surely fits the 12 bits that are left of 32."""


def div(graph: Graph, operator: Operator) -> Step:
    """DIV of int8: the reciprocal of the divisor, in fixed point.

    TFLM shifts small quotients to the right by more than the 31 bits that C defines, unless the
    output's scale is fine enough.
    """
    (a, a_zero), (b, b_zero), (out, out_zero) = _int8(graph, operator)
    multiplier, shift = quantize_multiplier(a / (b * out))
    if not 7 <= shift <= 22:
        raise refuse(
            operator,
            "small quotients are shifted by more than 31 bits, which C does not define: the"
            " output's scale must be at most the inputs' ratio / 64",
        )
    divisor = graph.constant(operator.inputs[1])
    if divisor is not None and (divisor == b_zero).any():
        raise refuse(operator, f"{label(graph.tensor(operator.inputs[1]))} has zeros: no division")
    activation = option(operator, "fused_activation_function", "NONE")
    low, high = activation_range(activation, out, out_zero)
    fields = {
        "first_zero": a_zero,
        "second_zero": b_zero,
        "multiplier": multiplier,
        "shift": shift,
        "output_zero": out_zero,
        "low": low,
        "high": high,
    }
    return walked(graph, operator, "div_s8", fields)


def _int8(graph: Graph, operator: Operator) -> list[tuple[float, int]]:
    """Scale and zero point of both operands and the output, all int8."""
    tensors = [operand(graph, operator, 0), operand(graph, operator, 1), result(graph, operator)]
    for tensor in tensors:
        require_type(operator, tensor, "int8")
    return [quantization(graph, operator, tensor.index) for tensor in tensors]


def squared_difference(graph: Graph, operator: Operator) -> Step:
    """SQUARED_DIFFERENCE of int8, or of int16 without zero points."""
    tensors = [operand(graph, operator, 0), operand(graph, operator, 1), result(graph, operator)]
    require_type(operator, tensors[0], "int8", "int16")
    wide = tensors[0].dtype == "int16"
    (a, a_zero), (b, b_zero), (out, out_zero) = (
        quantization(graph, operator, tensor.index) for tensor in tensors
    )
    limits = np.iinfo(tensors[0].dtype)
    for tensor, zero in zip(tensors, (a_zero, b_zero, out_zero), strict=True):
        if zero if wide else not limits.min <= zero <= limits.max:
            raise refuse(operator, f"{label(tensor)} has zero point {zero}")
    bits, twice = 0 if wide else 7, 2 * max(a, b)
    multipliers = [quantize_multiplier(real) for real in (a / twice, b / twice)]
    multiplier, shift = quantize_multiplier(twice * twice / float32(4**bits * out))
    if shift > 0:
        raise refuse(operator, "the output's scale is too fine for the inputs'")
    squares = {
        "first_zero": a_zero,
        "first_multiplier": multipliers[0][0],
        "first_shift": multipliers[0][1],
        "second_zero": b_zero,
        "second_multiplier": multipliers[1][0],
        "second_shift": multipliers[1][1],
        "bits": bits,
        "multiplier": multiplier,
        "shift": shift,
        "output_zero": out_zero,
        "low": int(limits.min),
        "high": int(limits.max),
    }
    kernel = f"squared_difference_{'s16' if wide else 's8'}"
    return walked(graph, operator, kernel, {"squares": squares})


def add_n(graph: Graph, operator: Operator) -> Step:
    """ADD_N: one call for each of 2 to 15 tensors of one quantization; sums are scratch memory."""
    count = len(operator.inputs)
    sources = [operand(graph, operator, position) for position in range(max(count, 2))]
    target = result(graph, operator)
    given = [quantization(graph, operator, tensor.index) for tensor in sources]
    scale, zero = quantization(graph, operator, target.index)
    for tensor in (*sources, target):
        require_type(operator, tensor, "int8")
        require_shape(operator, tensor, target.shape)
    if len(set(given)) > 1:
        raise refuse(operator, "its inputs are quantized differently")
    if count > TERMS:
        raise refuse(operator, f"a sum of {count} tensors may not fit 32 bits")
    multiplier, shift = quantize_multiplier(2 * given[0][0] / (2**20 * scale))
    if shift > 0:
        raise refuse(operator, "the output's scale is too fine for the inputs'")
    calls = []
    for number, source in enumerate(sources):
        fields = {
            "elements": target.elements,
            "first": int(number == 0),
            "last": int(number == count - 1),
            "zeros": (count + 1) * given[0][1],
            "multiplier": multiplier,
            "shift": shift,
            "output_zero": zero,
        }
        arguments = (source.index, target.index)
        calls.append(Call("add_n_s8", arguments, fields, scratch=2 * target.elements))
    return Step(operator, tuple(calls))


LOWERINGS = {"DIV": div, "SQUARED_DIFFERENCE": squared_difference, "ADD_N": add_n}
