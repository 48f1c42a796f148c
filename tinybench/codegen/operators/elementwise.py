"""Operators of two int8 operands that broadcast: ADD, SUB, MUL, MAXIMUM, MINIMUM and PRELU.

Where the result is a function of one code (a constant operand of one value, or the same tensor
twice) it is a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from tinybench.codegen.arithmetic import activation_range, quantize_multiplier, rescale
from tinybench.codegen.graph import Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.lookup import table_call
from tinybench.codegen.operators.shaping import (
    CODES,
    operand,
    require_shape,
    require_type,
    result,
)
from tinybench.codegen.strided import Dimension, merged, strides, walk

if TYPE_CHECKING:
    from tinybench.codegen.graph import Field
    from tinybench.tflite.model import Operator, Tensor

Rule: TypeAlias = Callable[[int, int], int]
"""An output code from two input codes."""


def broadcast(operator: Operator, first: Tensor, second: Tensor, target: Tensor) -> list[Dimension]:
    """The walk through two operands in the order of the output; refuse shapes that do not fit."""
    rank = len(target.shape)
    sides: list[tuple[int, ...]] = []
    steps = []
    for tensor in (first, second):
        missing = rank - len(tensor.shape)
        if missing < 0:
            raise refuse(operator, "an operand has more dimensions than the output")
        shape = (*(1,) * missing, *tensor.shape)
        sides.append(shape)
        steps.append([0 if n == 1 else s for n, s in zip(shape, strides(shape), strict=True)])
    joined = []
    for a, b in zip(*sides, strict=True):
        if a != b and 1 not in (a, b):
            raise refuse(operator, f"dimensions of {a} and {b} do not broadcast")
        joined.append(max(a, b))
    require_shape(operator, target, joined)
    return merged(list(zip(joined, *steps, strict=True)))


def walked(
    graph: Graph,
    operator: Operator,
    kernel: str,
    fields: Mapping[str, Field],
    *,
    swapped: bool = False,
) -> Step:
    """One call of a kernel that walks through both operands, `swapped` in the other order."""
    first, second = operand(graph, operator, 0), operand(graph, operator, 1)
    target = result(graph, operator)
    for tensor in (second, target):
        require_type(operator, tensor, first.dtype)
    order = (second, first) if swapped else (first, second)
    dimensions = broadcast(operator, *order, target)
    arguments = (*(tensor.index for tensor in order), target.index)
    same_size = [t for t in order if t.elements == target.elements]
    return Step(
        operator,
        (Call(kernel, arguments, {"walk": walk(dimensions), **fields}),),
        in_place=tuple((tensor.index, target.index) for tensor in same_size),
    )


def binary(
    graph: Graph,
    operator: Operator,
    kernel: str,
    fields: Mapping[str, Field],
    rule: Rule,
    *,
    swapped: bool = False,
) -> Step:
    """A table of int8 codes where that is exact, else one call of a kernel.

    `rule` takes codes in the operator's order, also where the kernel's is `swapped`.
    """
    step = walked(graph, operator, kernel, fields, swapped=swapped)
    first, second = operand(graph, operator, 0), operand(graph, operator, 1)
    target = result(graph, operator)
    require_type(operator, target, "int8")
    codes = range(-128, 128)
    if first.index == second.index:
        return table_call(graph, operator, first, target, [rule(code, code) for code in codes])
    left, right = _only_code(graph, first), _only_code(graph, second)
    if right is not None and first.elements == target.elements:
        return table_call(graph, operator, first, target, [rule(code, right) for code in codes])
    if left is not None and second.elements == target.elements:
        return table_call(graph, operator, second, target, [rule(left, code) for code in codes])
    return step


def _only_code(graph: Graph, tensor: Tensor) -> int | None:
    """The code that a constant consists of; None where there are several."""
    values = graph.constant(tensor.index)
    return None if values is None or values.min() != values.max() else int(values.min())


def add(graph: Graph, operator: Operator) -> Step:
    """ADD and SUB: both operands on a common scale with 20 more bits, then the output's.

    The operand of the larger scale has the multiplier 1/2 exactly, so a factor replaces it.
    """
    scales, zeros = _quantizations(graph, operator)
    inputs = [scale / (2 * max(scales[:2])) for scale in scales[:2]]
    output = 2 * max(scales[:2]) / (2**20 * scales[2])
    multipliers = [quantize_multiplier(real) for real in (*inputs, output)]
    if not 0 < output < 1 or multipliers[2][1] > 0:
        raise refuse(operator, "the output's scale is too fine for the inputs'")
    low, high = _range(operator, scales[2], zeros[2])
    signs = (1, -1 if operator.name == "SUB" else 1)

    def rule(*codes: int) -> int:
        total = 0
        for i, code in enumerate(codes):
            total += signs[i] * rescale((code - zeros[i]) << 20, *multipliers[i])
        return min(max(rescale(total, *multipliers[2]) + zeros[2], low), high)

    swapped = inputs[0] < inputs[1]
    wide, narrow = (1, 0) if swapped else (0, 1)
    fields = {
        "wide_zero": zeros[wide],
        "wide_factor": signs[wide] << 19,
        "zero": zeros[narrow],
        "sign": signs[narrow],
        "multiplier": multipliers[narrow][0],
        "shift": -multipliers[narrow][1],
        "output_multiplier": multipliers[2][0],
        "output_shift": -multipliers[2][1],
        "output_zero": zeros[2],
        "low": low,
        "high": high,
    }
    return binary(graph, operator, "add_s8", fields, rule, swapped=swapped)


def mul(graph: Graph, operator: Operator) -> Step:
    """MUL: one product, one multiplier."""
    scales, zeros = _quantizations(graph, operator)
    multiplier, shift = _product_multiplier(operator, scales)
    low, high = _range(operator, scales[2], zeros[2])

    def rule(first: int, second: int) -> int:
        product = (first - zeros[0]) * (second - zeros[1])
        return min(max(rescale(product, multiplier, shift) + zeros[2], low), high)

    fields = {
        "first_zero": zeros[0],
        "second_zero": zeros[1],
        "multiplier": multiplier,
        "shift": shift,
        "output_zero": zeros[2],
        "low": low,
        "high": high,
    }
    return binary(graph, operator, "mul_s8", fields, rule)


def _product_multiplier(
    operator: Operator, scales: Sequence[float], bits: int = 16
) -> tuple[int, int]:
    """The multiplier of a product of two differences of codes, which has so many bits."""
    real = scales[0] * scales[1] / scales[2]
    if not real < 2 ** (30 - bits):
        raise refuse(operator, "the output's scale is too fine for the inputs'")
    return quantize_multiplier(real)


def prelu(graph: Graph, operator: Operator) -> Step:
    """PRELU: negative inputs are multiplied by a slope of their own, which is int8.

    The other codes are int8, or int16.
    """
    source, slopes, target = *(operand(graph, operator, i) for i in (0, 1)), result(graph, operator)
    require_type(operator, source, "int8", "int16")
    require_type(operator, slopes, "int8")
    require_type(operator, target, source.dtype)
    found = [quantization(graph, operator, t.index) for t in (source, slopes, target)]
    (scale, zero), (slope_scale, slope_zero), (out_scale, out_zero) = found
    # A difference of codes, or its product with one of int8, has so many bits.
    bits = 16 if source.dtype == "int8" else 25
    positive = _product_multiplier(operator, [scale, 1.0, out_scale], bits)
    negative = _product_multiplier(operator, [scale, slope_scale, out_scale], bits)

    def rule(code: int, slope: int) -> int:
        value = code - zero
        if value >= 0:
            scaled = rescale(value, *positive)
        else:
            scaled = rescale(value * (slope - slope_zero), *negative)
        return min(max(scaled + out_zero, -128), 127)

    fields = {
        "zero": zero,
        "slope_zero": slope_zero,
        "positive_multiplier": positive[0],
        "positive_shift": positive[1],
        "negative_multiplier": negative[0],
        "negative_shift": negative[1],
        "output_zero": out_zero,
    }
    if source.dtype == "int8":
        return binary(graph, operator, "prelu_s8", fields, rule)
    dimensions = broadcast(operator, source, slopes, target)
    arguments = (source.index, slopes.index, target.index)
    same_size = ((source.index, target.index),) if source.elements == target.elements else ()
    call = Call("prelu_s16", arguments, {"walk": walk(dimensions), **fields})
    return Step(operator, (call,), in_place=same_size)


def extreme(graph: Graph, operator: Operator) -> Step:
    """MAXIMUM and MINIMUM of codes; TFLM does not look at scales."""
    target = result(graph, operator)
    require_type(operator, target, "int8", "int16", "int32", "int64")
    maximum = int(operator.name == "MAXIMUM")
    if target.dtype == "int64":
        return walked(graph, operator, "extreme_s64", {"maximum": maximum})
    fields = {"kind": CODES[target.dtype], "maximum": maximum}
    if target.dtype != "int8":
        return walked(graph, operator, "extreme", fields)
    chosen = max if operator.name == "MAXIMUM" else min
    return binary(graph, operator, "extreme", fields, lambda a, b: chosen(a, b))


def _quantizations(graph: Graph, operator: Operator) -> tuple[list[float], list[int]]:
    """Scales and zero points of both operands and the output."""
    tensors: Sequence[Tensor] = [operand(graph, operator, i) for i in (0, 1)]
    tensors = [*tensors, result(graph, operator)]
    for tensor in tensors:
        require_type(operator, tensor, "int8")
    found = [quantization(graph, operator, tensor.index) for tensor in tensors]
    return [scale for scale, _ in found], [zero for _, zero in found]


def _range(operator: Operator, scale: float, zero: int) -> tuple[int, int]:
    name = option(operator, "fused_activation_function", "NONE")
    if name not in ("NONE", "RELU", "RELU6", "RELU_N1_TO_1"):
        raise refuse(operator, f"fused {name} is not supported")
    return activation_range(name, scale, zero)


LOWERINGS = {
    "ADD": add,
    "SUB": add,
    "MUL": mul,
    "PRELU": prelu,
    "MAXIMUM": extreme,
    "MINIMUM": extreme,
}
