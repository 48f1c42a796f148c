"""Operators that move codes and compute nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .builder import Tensor
from .draft import Draft


def pad(draft: Draft, x: Tensor, name: str) -> Tensor:
    """Append PAD, with the zero point, or PADV2, with a constant of any code."""
    widths = [(draft.between(0, 2), draft.between(0, 2)) for _ in x.shape]
    shape = [size + sum(width) for size, width in zip(x.shape, widths, strict=True)]
    inputs = [x, draft.constant(widths)]
    if name == "PADV2":
        value = draft.content((1,), x.dtype).reshape(draft.any((1,), ()))
        inputs.append(replace(draft.like(x, value.shape), data=value))
    return draft.add(name, inputs, draft.like(x, shape))


def concatenation(draft: Draft, parts: Sequence[Tensor], axis: int) -> Tensor:
    """Append CONCATENATION of tensors that are quantized alike."""
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    return draft.add("CONCATENATION", parts, draft.like(parts[0], shape), axis=axis)


def several(draft: Draft, x: Tensor) -> tuple[list[Tensor], int]:
    """Return `x` with one to three more that differ along an axis, and the axis."""
    axis = draft.between(-len(x.shape), len(x.shape) - 1)
    parts = [x]
    for _ in range(draft.between(1, 3)):
        shape = list(x.shape)
        shape[axis] = draft.between(1, 4)
        parts.append(draft.sibling(x, shape))
    draft.random.shuffle(parts)
    return parts, axis


def reshape(draft: Draft, x: Tensor, shape: Sequence[int] | None = None) -> Tensor:
    """Append RESHAPE: the shape in the options, in a tensor, or in both; one size may be open."""
    if shape is None:
        flat = math.prod(x.shape)
        first = draft.any(*(size for size in range(1, flat + 1) if flat % size == 0))
        shape = draft.any((flat,), (first, flat // first), (first, 1, flat // first), x.shape)
    wanted = list(shape)
    if draft.chance(40):
        wanted[draft.between(0, len(wanted) - 1)] = -1
    y = draft.like(x, shape)
    kind = draft.between(0, 2)
    if kind == 0:
        return draft.add("RESHAPE", (x, draft.constant(wanted)), y, bare=True)
    if kind == 1:
        return draft.add("RESHAPE", (x, draft.constant(wanted)), y, new_shape=wanted)
    return draft.add("RESHAPE", (x,), y, new_shape=wanted)


def squeeze(draft: Draft, x: Tensor) -> Tensor:
    """Append SQUEEZE of all axes of size one, or of some of them."""
    ones = [axis for axis, size in enumerate(x.shape) if size == 1]
    axes = draft.random.sample(ones, draft.between(0, len(ones)))
    gone = axes or ones
    y = draft.like(x, [size for axis, size in enumerate(x.shape) if axis not in gone])
    named = [axis - len(x.shape) if draft.chance(30) else axis for axis in axes]
    return draft.add("SQUEEZE", (x,), y, squeeze_dims=named)


def expand_dims(draft: Draft, x: Tensor) -> Tensor:
    """Append EXPAND_DIMS."""
    axis = draft.between(0, len(x.shape))
    shape = [*x.shape[:axis], 1, *x.shape[axis:]]
    named = axis - len(shape) if draft.chance(30) else axis
    return draft.add("EXPAND_DIMS", (x, draft.constant([named])), draft.like(x, shape))


def transpose(draft: Draft, x: Tensor) -> Tensor:
    """Append TRANSPOSE."""
    order = draft.random.sample(range(len(x.shape)), len(x.shape))
    y = draft.like(x, [x.shape[axis] for axis in order])
    return draft.add("TRANSPOSE", (x, draft.constant(order)), y)


def slice_(draft: Draft, x: Tensor) -> Tensor:
    """Append SLICE; a size may be -1, for all the rest."""
    begin = [draft.between(0, size - 1) for size in x.shape]
    sizes = [draft.between(1, size - first) for size, first in zip(x.shape, begin, strict=True)]
    wanted = list(sizes)
    for axis, size in enumerate(x.shape):
        if draft.chance(25):
            sizes[axis], wanted[axis] = size - begin[axis], -1
    dtype = draft.any("int32", "int64")
    indexes = [draft.constant(values, dtype) for values in (begin, wanted)]
    return draft.add("SLICE", (x, *indexes), draft.like(x, sizes))


def strided_slice(draft: Draft, x: Tensor) -> Tensor:
    """Append STRIDED_SLICE with masks, negative indexes and strides, and axes that vanish."""
    masks: dict[str, Any] = {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    columns: list[tuple[int, int, int]] = []
    shape = []
    for axis, size in enumerate(x.shape):
        step = draft.any(1, 1, 1, 2, 3, -1, -2)
        first = draft.between(0, size - 1)
        if draft.chance(20):
            columns.append((draft.any(first, first - size), first + 1, 1))
            masks["shrink_axis_mask"] |= 1 << axis
            continue
        begin, end = first, draft.between(first + 1, size + 1)
        if step < 0:
            end = draft.between(-1, first - 1)
        open_begin, open_end = draft.chance(30), draft.chance(30) or end < 0
        masks["begin_mask"] |= open_begin << axis
        masks["end_mask"] |= open_end << axis
        taken = range(size)[None if open_begin else begin : None if open_end else end : step]
        if not taken:
            masks["end_mask"] |= 1 << axis
            taken = range(size)[None if open_begin else begin :: step]
        shape.append(len(taken))
        columns.append((begin - size if draft.chance(20) else begin, max(end, 0), step))
    indexes = [draft.constant(values) for values in zip(*columns, strict=True)]
    return draft.add("STRIDED_SLICE", (x, *indexes), draft.like(x, shape), **masks)


def split(draft: Draft, x: Tensor, axis: int, parts: int) -> list[Tensor]:
    """Append SPLIT into equal parts."""
    shape = list(x.shape)
    shape[axis] //= parts
    outputs = [draft.like(x, shape) for _ in range(parts)]
    draft.add("SPLIT", (draft.constant(axis), x), *outputs, num_splits=parts)
    return outputs


def split_v(draft: Draft, x: Tensor, axis: int) -> list[Tensor]:
    """Append SPLIT_V into two or three parts of any size."""
    size = x.shape[axis]
    cuts = sorted(draft.random.sample(range(1, size), draft.between(1, min(2, size - 1))))
    sizes = np.diff([0, *cuts, size]).tolist()
    outputs = []
    for part in sizes:
        shape = list(x.shape)
        shape[axis] = part
        outputs.append(draft.like(x, shape))
    inputs = (x, draft.constant(sizes), draft.constant(axis))
    draft.add("SPLIT_V", inputs, *outputs, num_splits=len(sizes))
    return outputs


def pack(draft: Draft, x: Tensor) -> Tensor:
    """Append PACK of two to four tensors."""
    parts = [x] + [draft.sibling(x, x.shape) for _ in range(draft.between(1, 3))]
    axis = draft.between(-len(x.shape) - 1, len(x.shape))
    place = axis % (len(x.shape) + 1)
    y = draft.like(x, [*x.shape[:place], len(parts), *x.shape[place:]])
    return draft.add("PACK", parts, y, axis=axis, values_count=len(parts))


def unpack(draft: Draft, x: Tensor) -> list[Tensor]:
    """Append UNPACK."""
    axis = draft.between(-len(x.shape), len(x.shape) - 1)
    shape = list(x.shape)
    count = shape.pop(axis)
    outputs = [draft.like(x, shape) for _ in range(count)]
    draft.add("UNPACK", (x,), *outputs, axis=axis, num=count)
    return outputs
