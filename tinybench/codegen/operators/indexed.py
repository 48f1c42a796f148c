"""Operators that take or place what numbers tell, which may be computed while the program runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Call, Graph, Step, option, refuse
from tinybench.codegen.operators.movement import constant_slice, copy
from tinybench.codegen.operators.shaping import (
    ITEM_BYTES,
    integers,
    operand,
    require_shape,
    require_type,
    resolved_axis,
    result,
    same_type,
)
from tinybench.codegen.strided import strides
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybench.codegen.graph import Field
    from tinybench.tflite.model import Operator, Tensor


def gather(graph: Graph, operator: Operator) -> Step:
    """Take slices of an axis by their indices; leading dimensions may be batches of both."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    indices = operand(graph, operator, 1)
    rank = len(source.shape)
    axis = resolved_axis(operator, option(operator, "axis", 0), rank)
    batches = option(operator, "batch_dims", 0)
    if not isinstance(batches, int) or not -len(indices.shape) <= batches <= len(indices.shape):
        raise refuse(operator, f"batch_dims {batches} does not fit the indices")
    batches += len(indices.shape) if batches < 0 else 0
    if not batches <= axis or source.shape[:batches] != indices.shape[:batches]:
        raise refuse(operator, f"batch_dims {batches} does not fit the input and the indices")
    outer, wanted = source.shape[:axis], indices.shape[batches:]
    require_shape(operator, target, [*outer, *wanted, *source.shape[axis + 1 :]])
    blocks = (math.prod(source.shape[:batches]), math.prod(source.shape[batches:axis]))
    unit = math.prod(source.shape[axis + 1 :]) * item
    sizes = (source.shape[axis], 1, unit)
    return _gathered(graph, operator, (source, indices, target), [1], blocks, sizes)


def gather_nd(graph: Graph, operator: Operator) -> Step:
    """Take slices by indices of several numbers, one for each leading dimension of the input."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    indices = operand(graph, operator, 1)
    depth = indices.shape[-1] if indices.shape else 0
    if not 0 < depth <= min(len(source.shape), 5):
        raise refuse(operator, f"indices of {depth} for {len(source.shape)} dimensions")
    require_shape(operator, target, [*indices.shape[:-1], *source.shape[depth:]])
    sizes = (source.elements, math.prod(source.shape[depth:]), item)
    steps = strides(source.shape)[:depth]
    return _gathered(graph, operator, (source, indices, target), steps, (1, 1), sizes)


def embedding_lookup(graph: Graph, operator: Operator) -> Step:
    """Take rows of a table; of int8 codes they may become real numbers."""
    indices, rows = operand(graph, operator, 0), operand(graph, operator, 1)
    target = result(graph, operator)
    require_type(operator, rows, "int8", "float32")
    require_type(operator, target, *{rows.dtype, "float32"})
    if len(indices.shape) != 1 or len(rows.shape) < 2:
        raise refuse(operator, "its inputs are no list of indices and no table of rows")
    require_shape(operator, target, [*indices.shape, *rows.shape[1:]])
    columns = math.prod(rows.shape[1:])
    tensors = (rows, indices, target)
    if rows.dtype == target.dtype:
        sizes = (rows.shape[0], 1, columns * ITEM_BYTES[rows.dtype])
        return _gathered(graph, operator, tensors, [1], (1, 1), sizes)
    found = rows.quantization
    if found is None or found.details or found.zero_points[0]:
        raise refuse(operator, f"{label(rows)} has no scale, or a zero point")
    _check_known(graph, operator, rows, indices, [1], rows.shape[0] - 1)
    fields = {
        # TFLM takes the first one, also where each row has a scale.
        "scale": float(np.float32(found.scales[0])),
        "rows": rows.shape[0],
        "columns": columns,
        "lookups": indices.elements,
    }
    arguments = (rows.index, indices.index, target.index)
    return Step(operator, (Call("gather_real", arguments, fields),))


def _gathered(
    graph: Graph,
    operator: Operator,
    tensors: tuple[Tensor, Tensor, Tensor],
    steps: Sequence[int],
    blocks: tuple[int, int],
    sizes: tuple[int, int, int],
) -> Step:
    """A step of one call that takes slices of `tensors`: source, indices and target.

    `blocks` are batches and the blocks of each; `sizes` are the units of a block and of a slice,
    and the bytes of a unit.
    """
    source, indices, _ = tensors
    units, taken, unit = sizes
    _check_known(graph, operator, source, indices, steps, units - taken)
    fields: dict[str, Field] = {
        "step": np.array(steps, np.int32),
        "depth": len(steps),
        "batches": blocks[0],
        "blocks": blocks[1],
        "slices": indices.elements // len(steps) // blocks[0],
        "units": units,
        "slice": taken,
        "unit": unit,
    }
    return Step(operator, (Call("gather", tuple(t.index for t in tensors), fields),))


def _check_known(
    graph: Graph,
    operator: Operator,
    source: Tensor,
    indices: Tensor,
    steps: Sequence[int],
    last: int,
) -> None:
    """Refuse constant indices that lead beyond the last place where a slice may begin."""
    require_type(operator, indices, "int32")
    value = graph.constant(indices.index)
    if value is not None:
        places = value.reshape(-1, len(steps)).astype(np.int64) @ np.array(steps, np.int64)
        if places.min() < 0 or places.max() > last:
            raise refuse(operator, f"{label(indices)} names what is outside of {label(source)}")


def slice_(graph: Graph, operator: Operator) -> Step:
    """Take a block; begin and size may be computed, if the output's shape is known."""
    begins, sizes = (
        graph.constant(operand(graph, operator, position).index) for position in (1, 2)
    )
    if begins is not None and sizes is not None:
        return constant_slice(graph, operator)
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    rank = len(source.shape)
    for position in (1, 2):
        given = operand(graph, operator, position)
        require_type(operator, given, operand(graph, operator, 1).dtype)
        if given.shape != (rank,):
            raise refuse(operator, "begin and size do not fit the input's dimensions")
    if rank > 5 or len(target.shape) != rank or _beyond(target, source):
        raise refuse(operator, f"{label(target)} is no part of {label(source)}")
    wanted = target.shape if sizes is None else integers(graph, operator, 2)
    if any(size not in (-1, kept) for size, kept in zip(wanted, target.shape, strict=True)):
        raise refuse(operator, f"{label(target)} does not have the sizes {wanted}")
    read, written = strides(source.shape), strides(target.shape)
    dimensions = list(zip(target.shape, read, written, strict=True))
    block = copy(source, target, dimensions, item)
    return Step(operator, (_placed(graph, operator, block, 1, source, target, item),))


def dynamic_update_slice(graph: Graph, operator: Operator) -> Step:
    """Copy the input, and put a block into it at a place that is clamped to fit."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    update = operand(graph, operator, 1)
    item = same_type(operator, (source, update, target))
    require_shape(operator, target, source.shape)
    if len(update.shape) != len(source.shape) or _beyond(update, source) or len(source.shape) > 6:
        raise refuse(operator, f"{label(update)} does not fit into {label(source)}")
    if operand(graph, operator, 2).shape != (len(source.shape),):
        raise refuse(operator, "the start does not fit the input's dimensions")
    whole = copy(source, target, [(source.elements, 1, 1)], item)
    read, written = strides(update.shape), strides(target.shape)
    block = copy(update, target, list(zip(update.shape, read, written, strict=True)), item)
    placed = _placed(graph, operator, block, 2, target, update, item)
    return Step(operator, (whole, placed))


def _beyond(part: Tensor, whole: Tensor) -> bool:
    return any(size > most for size, most in zip(part.shape, whole.shape, strict=True))


def _placed(
    graph: Graph,
    operator: Operator,
    block: Call,
    position: int,
    whole: Tensor,
    part: Tensor,
    item: int,
) -> Call:
    """The copy of a block whose place in the whole is what the input at a position says."""
    given = operand(graph, operator, position)
    require_type(operator, given, "int32", "int64")
    steps = strides(whole.shape, item)
    source, target = block.arguments
    fields: dict[str, Field] = {
        "copy": {**block.fields, "width": math.gcd(item, 4)},
        "rank": len(steps),
        "wide": int(given.dtype == "int64"),
        "source": int(source == whole.index),
        "most": np.array([a - b for a, b in zip(whole.shape, part.shape, strict=True)], np.int32),
        "step": np.array(steps, np.int32),
    }
    return Call("copy_at", (source, given.index, target), fields)


LOWERINGS = {
    "GATHER": gather,
    "GATHER_ND": gather_nd,
    "EMBEDDING_LOOKUP": embedding_lookup,
    "SLICE": slice_,
    "DYNAMIC_UPDATE_SLICE": dynamic_update_slice,
}
