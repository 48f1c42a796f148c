"""How kernels walk through tensors: dimensions merged when the program is generated.

A walk visits rows of elements; within a row two offsets step by a constant, from row to row an
odometer moves them (`kernels/tb_walk.h`). Adjacent dimensions that step alike become one, so most
walks are a single row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tinybench.codegen.graph import option, refuse

if TYPE_CHECKING:
    from tinybench.codegen.graph import Array
    from tinybench.tflite.model import Operator

Dimension: TypeAlias = tuple[int, int, int]
"""How many, and the step of the first and of the second offset."""


def strides(shape: Sequence[int], unit: int = 1) -> list[int]:
    """Steps of a row-major array's dimensions, the last one's being `unit`."""
    return [unit * math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def merged(dimensions: Sequence[Dimension]) -> list[Dimension]:
    """The same walk in fewer dimensions: ones dropped, those that continue each other joined."""
    found: list[Dimension] = []
    for size, first, second in dimensions:
        if size == 1:
            continue
        if found and found[-1][1:] == (size * first, size * second):
            size *= found.pop()[0]
        found.append((size, first, second))
    return found


def walk(dimensions: Sequence[Dimension]) -> Any:
    """The members of `struct tb_walk` for merged dimensions: a mapping, for a field of a call."""
    *outer, (columns, first_step, second_step) = dimensions or [(1, 0, 0)]
    outer = outer or [(1, 0, 0)]
    return {
        "rank": len(outer),
        "rows": math.prod(size for size, _, _ in outer),
        "columns": columns,
        "first_step": first_step,
        "second_step": second_step,
        "size": np.array([size for size, _, _ in outer], np.int32),
        "first": np.array([first for _, first, _ in outer], np.int32),
        "second": np.array([second for _, _, second in outer], np.int32),
    }


def slice_ranges(
    operator: Operator, shape: Sequence[int], parameters: Sequence[Array]
) -> tuple[list[range], list[int]]:
    """What STRIDED_SLICE takes of each axis, and the axes that stay in the output's shape.

    `parameters` are begin, end and strides. Raise UnsupportedError for ellipsis and new axes,
    which the converter resolves before.
    """
    names = ("begin_mask", "end_mask", "shrink_axis_mask", "ellipsis_mask", "new_axis_mask")
    *masks, ellipsis, new_axis = (option(operator, name, 0) for name in names)
    if not all(isinstance(mask, int) for mask in masks) or option(operator, "offset", False):
        raise refuse(operator, "its options are not supported")
    if ellipsis or new_axis:
        raise refuse(operator, "ellipsis and new axes are not supported")
    if len(parameters) != 3 or any(item.dtype.kind != "i" for item in parameters):
        raise refuse(operator, "begin, end and strides must be three constants of integers")
    begins, ends, steps = ([int(v) for v in item.reshape(-1)] for item in parameters)
    if not len(begins) == len(ends) == len(steps) <= len(shape):
        raise refuse(operator, "begin, end and strides do not fit the input's dimensions")
    taken, kept = [range(size) for size in shape], list(range(len(shape)))
    for axis, (begin, end, step) in enumerate(zip(begins, ends, steps, strict=True)):
        size = shape[axis]
        open_begin, open_end, shrunk = (mask >> axis & 1 for mask in masks)
        if step == 0:
            raise refuse(operator, "a stride is zero")
        if not shrunk:
            bounds = slice(None if open_begin else begin, None if open_end else end, step)
            taken[axis] = range(size)[bounds]
            continue
        # TFLM clamps the index to the axis; a mask that opens the begin wins over it.
        first = (0 if step > 0 else size - 1) if open_begin else begin + size * (begin < 0)
        if not 0 <= first < size:
            raise refuse(operator, f"index {begin} is outside of {size} elements")
        taken[axis] = range(first, first + 1)
        kept.remove(axis)
    return taken, kept
