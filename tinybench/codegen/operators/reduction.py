"""MEAN, SUM, REDUCE_MAX and REDUCE_MIN over any axes, and the index of the largest or smallest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tinybench.codegen.arithmetic import quantize_multiplier
from tinybench.codegen.graph import Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.shaping import (
    integers,
    operand,
    require_shape,
    require_type,
    resolved_axis,
    result,
    same_codes,
)
from tinybench.codegen.strided import merged, strides, walk

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

EXTREMES = {"int8": "s8", "float32": "f32"}
"""Types that are compared, and how their kernels are named."""
MOST = 1 << 23
"""Elements whose sum of codes is sure to fit 32 bits."""


def walks(source: Tensor, axes: set[int]) -> dict[str, Any]:
    """How to visit the outputs, and from each the elements that it is reduced from."""
    steps = list(zip(source.shape, strides(source.shape), (0,) * len(source.shape), strict=True))
    kept = [step for axis, step in enumerate(steps) if axis not in axes]
    reduced = [step for axis, step in enumerate(steps) if axis in axes]
    return {"outputs": walk(merged(kept)), "elements": walk(merged(reduced))}


def reduced_axes(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> set[int]:
    """The axes that vanish or shrink to one; refuse an output of another shape."""
    rank = len(source.shape)
    require_type(operator, operand(graph, operator, 1), "int32")
    axes = {resolved_axis(operator, axis, rank) for axis in integers(graph, operator, 1)}
    keep = option(operator, "keep_dims", False)
    shape = [
        1 if axis in axes else size
        for axis, size in enumerate(source.shape)
        if keep or axis not in axes
    ]
    require_shape(operator, target, shape)
    return axes


def total(graph: Graph, operator: Operator) -> Step:
    """MEAN and SUM: add up codes, then rescale; MEAN has the count in its multiplier."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, "int8")
    require_type(operator, target, "int8")
    axes = reduced_axes(graph, operator, source, target)
    scale, zero = quantization(graph, operator, source.index)
    out_scale, out_zero = quantization(graph, operator, target.index)
    count = math.prod(source.shape[axis] for axis in axes)
    if count > MOST:
        raise refuse(operator, f"a sum of {count:,} codes may not fit 32 bits")
    terms = count if operator.name == "SUM" else 1
    if not scale / out_scale * 255 * terms < 2**29:
        raise refuse(operator, "the output's scale is too fine for the input's")
    multiplier, shift = quantize_multiplier(scale / out_scale)
    if operator.name == "MEAN":
        # tflite-micro reference/reduce.h, QuantizedMeanOrSum: as many bits as 64 can hold.
        spare = min(count.bit_length() - 1, 32, 31 + shift)
        multiplier, shift = (multiplier << spare) // count, shift - spare
    fields = {
        **walks(source, axes),
        "zeros": zero * count,
        "multiplier": multiplier,
        "shift": shift,
        "output_zero": out_zero,
    }
    return Step(operator, (Call("sum_s8", (source.index, target.index), fields),))


def extreme(graph: Graph, operator: Operator) -> Step:
    """REDUCE_MAX and REDUCE_MIN of codes that mean the same in input and output, or of floats."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, *EXTREMES)
    require_type(operator, target, source.dtype)
    axes = reduced_axes(graph, operator, source, target)
    same_codes(operator, (source, target))
    fields = {**walks(source, axes), "maximum": int(operator.name == "REDUCE_MAX")}
    kernel = f"reduce_extreme_{EXTREMES[source.dtype]}"
    return Step(operator, (Call(kernel, (source.index, target.index), fields),))


def every(graph: Graph, operator: Operator) -> Step:
    """REDUCE_ALL: the smallest of truth values."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, "bool")
    require_type(operator, target, "bool")
    axes = reduced_axes(graph, operator, source, target)
    fields = {**walks(source, axes), "maximum": 0}
    return Step(operator, (Call("reduce_extreme_u8", (source.index, target.index), fields),))


def arg_extreme(graph: Graph, operator: Operator) -> Step:
    """ARG_MAX and ARG_MIN along one axis; the first of equals."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, *EXTREMES)
    require_type(operator, target, "int32")
    require_type(operator, operand(graph, operator, 1), "int32")
    # TFLM reads the first axis, however many there are.
    axis = resolved_axis(operator, integers(graph, operator, 1)[0], len(source.shape))
    require_shape(operator, target, [*source.shape[:axis], *source.shape[axis + 1 :]])
    fields = {**walks(source, {axis}), "maximum": int(operator.name == "ARG_MAX")}
    kernel = f"arg_extreme_{EXTREMES[source.dtype]}"
    return Step(operator, (Call(kernel, (source.index, target.index), fields),))


LOWERINGS = {
    "MEAN": total,
    "SUM": total,
    "REDUCE_MAX": extreme,
    "REDUCE_MIN": extreme,
    "REDUCE_ALL": every,
    "ARG_MAX": arg_extreme,
    "ARG_MIN": arg_extreme,
}
