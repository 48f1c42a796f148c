"""Operators that compute nothing: all are copies of blocks, by one kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.shaping import (
    integers,
    no_activation,
    operand,
    renamed,
    require_shape,
    require_type,
    resolved_axis,
    result,
    same_codes,
    same_type,
)
from tinybench.codegen.strided import Dimension, merged, slice_ranges, strides, walk

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor


def copy(
    source: Tensor,
    target: Tensor,
    dimensions: Sequence[Dimension],
    item: int,
    offsets: tuple[int, int] = (0, 0),
) -> Call:
    """Copy elements of `item` bytes; dimensions and offsets count elements of source and target."""
    steps = merged([(size, first * item, second * item) for size, first, second in dimensions])
    start = [offset * item for offset in offsets]
    run = item
    if steps and steps[-1][1:] == (item, item):
        run *= steps.pop()[0]
    divisor = math.gcd(run, *start, *(step for size in steps for step in size[1:]))
    fields = {
        "walk": walk(steps),
        "input_offset": start[0],
        "output_offset": start[1],
        "run": run,
        "width": math.gcd(divisor, 4),
    }
    return Call("copy", (source.index, target.index), fields)


def moved(
    graph: Graph,
    operator: Operator,
    source: Tensor,
    target: Tensor,
    dimensions: Sequence[Dimension],
    item: int,
    offset: int = 0,
) -> Step:
    """A step of one copy that fills the target; nothing runs where every byte stays in place."""
    if source.elements == target.elements and graph.constant(source.index) is None:
        in_order = merged(dimensions)
        if not in_order or [step for _, *step in in_order] == [[1, 1]]:
            return renamed(operator, source, target)
    return Step(operator, (copy(source, target, dimensions, item, (offset, 0)),))


def pad(graph: Graph, operator: Operator) -> Step:
    """PAD puts zero points around the input, PADV2 the code of a constant."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    widths = integers(graph, operator, 1)
    rank = len(source.shape)
    if len(widths) != 2 * rank or min(widths, default=0) < 0 or rank > 5:
        raise refuse(operator, f"paddings {widths} do not fit {rank} dimensions, at most five")
    before, after = widths[::2], widths[1::2]
    rows = zip(source.shape, before, after, strict=True)
    require_shape(operator, target, [sum(row) for row in rows])
    step = strides(target.shape)
    offset = sum(width * stride for width, stride in zip(before, step, strict=True))
    dimensions = list(zip(source.shape, strides(source.shape), step, strict=True))
    if source.elements == target.elements:
        return moved(graph, operator, source, target, dimensions, item)
    value = _padding(graph, operator, source, target)
    return Step(
        operator,
        (
            fill(target, value),
            copy(source, target, dimensions, item, (0, offset)),
        ),
    )


def _padding(graph: Graph, operator: Operator, source: Tensor, target: Tensor) -> bytes:
    if len(operator.inputs) > 2:
        given = operand(graph, operator, 2, literal=False)
        same_type(operator, (source, given))
        value = graph.constant(given.index)
        if value is None or value.size != 1:
            raise refuse(operator, "the value of the border is not one constant")
        same_codes(operator, (given, target))
        return value.tobytes()
    # TFLM: the zero point of int8 only, whatever that of other types is.
    zero = quantization(graph, operator, target.index)[1] if source.dtype == "int8" else 0
    return np.array(zero, np.dtype(source.dtype).newbyteorder("<")).tobytes()


def fill(target: Tensor, value: bytes) -> Call:
    """Set all elements to one, given by its bytes."""
    width = 1 if len(set(value)) == 1 else len(value)
    fields = {
        "value": int.from_bytes(value[:width], "little", signed=True),
        "width": width,
        "elements": (target.nbytes or 0) // width,
    }
    return Call("fill", (target.index,), fields)


def concatenation(graph: Graph, operator: Operator) -> Step:
    """Join inputs along an axis; TFLM never rescales them."""
    sources = [operand(graph, operator, i) for i in range(len(operator.inputs))]
    target = result(graph, operator)
    no_activation(operator)
    same_codes(operator, (target, *sources))
    if target.dtype == "int16" and any(map(_zero_point, (target, *sources))):
        raise refuse(operator, "int16 codes have a zero point")
    axis = resolved_axis(operator, option(operator, "axis", 0), len(target.shape))
    for source in sources:
        if len(source.shape) != len(target.shape):
            raise refuse(operator, "inputs and output have different numbers of dimensions")
        alone = [*target.shape[:axis], source.shape[axis], *target.shape[axis + 1 :]]
        require_shape(operator, source, alone)
    total = sum(source.shape[axis] for source in sources)
    require_shape(operator, target, [*target.shape[:axis], total, *target.shape[axis + 1 :]])
    return _joined(graph, operator, sources, target, axis)


def _zero_point(tensor: Tensor) -> int:
    return tensor.quantization.zero_points[0] if tensor.quantization else 0


def pack(graph: Graph, operator: Operator) -> Step:
    """Join inputs along a new axis."""
    sources = [operand(graph, operator, i) for i in range(len(operator.inputs))]
    target = result(graph, operator)
    axis = resolved_axis(operator, option(operator, "axis", 0), len(target.shape))
    if not sources or option(operator, "values_count", 0) != len(sources):
        raise refuse(operator, f"its options are for other than {len(sources)} inputs")
    for source in sources:
        shape = [*source.shape[:axis], len(sources), *source.shape[axis:]]
        require_shape(operator, target, shape)
    return _joined(graph, operator, sources, target, axis)


def _joined(
    graph: Graph, operator: Operator, sources: Sequence[Tensor], target: Tensor, axis: int
) -> Step:
    """Copy blocks side by side; `axis` is that of the target."""
    item = same_type(operator, (target, *sources))
    outer = math.prod(target.shape[:axis])
    row = target.elements // outer
    calls, offset = [], 0
    for source in sources:
        block = source.elements // outer
        dimensions = [(outer, block, row), (block, 1, 1)]
        if len(sources) == 1:
            return moved(graph, operator, source, target, dimensions, item)
        calls.append(copy(source, target, dimensions, item, (0, offset)))
        offset += block
    return Step(operator, tuple(calls))


def split(graph: Graph, operator: Operator) -> Step:
    """Cut the input along an axis into equal parts."""
    source = operand(graph, operator, 1)
    axis = _one(operator, integers(graph, operator, 0), len(source.shape))
    parts = len(operator.outputs)
    size, rest = divmod(source.shape[axis], parts or 1)
    if rest or not parts:
        raise refuse(
            operator, f"{source.shape[axis]} elements are not cut into {parts} equal parts"
        )
    return _cut(graph, operator, source, axis, [size] * parts)


def split_v(graph: Graph, operator: Operator) -> Step:
    """Cut the input along an axis into parts of given sizes; one may be -1, for the rest."""
    source = operand(graph, operator, 0)
    sizes = integers(graph, operator, 1)
    axis = _one(operator, integers(graph, operator, 2), len(source.shape))
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = source.shape[axis] - sum(sizes) - 1
    if len(sizes) != len(operator.outputs) or min(sizes) < 0 or sum(sizes) != source.shape[axis]:
        raise refuse(operator, f"parts of {sizes} do not fit {source.shape[axis]} elements")
    return _cut(graph, operator, source, axis, sizes)


def _one(operator: Operator, axes: list[int], rank: int) -> int:
    if len(axes) != 1:
        raise refuse(operator, f"{len(axes)} axes where one is needed")
    return resolved_axis(operator, axes[0], rank)


def unpack(graph: Graph, operator: Operator) -> Step:
    """Cut the input along an axis, which vanishes."""
    source = operand(graph, operator, 0)
    axis = resolved_axis(operator, option(operator, "axis", 0), len(source.shape))
    if not len(operator.outputs) == option(operator, "num", 0) == source.shape[axis]:
        raise refuse(operator, f"{len(operator.outputs)} outputs for {source.shape[axis]} slices")
    return _cut(graph, operator, source, axis, [1] * source.shape[axis], vanish=True)


def _cut(
    graph: Graph,
    operator: Operator,
    source: Tensor,
    axis: int,
    sizes: Sequence[int],
    *,
    vanish: bool = False,
) -> Step:
    outer, inner = math.prod(source.shape[:axis]), math.prod(source.shape[axis + 1 :])
    calls, start = [], 0
    for position, size in enumerate(sizes):
        target = result(graph, operator, position)
        middle = [] if vanish else [size]
        require_shape(operator, target, [*source.shape[:axis], *middle, *source.shape[axis + 1 :]])
        item = same_type(operator, (source, target))
        block = size * inner
        dimensions = [(outer, source.elements // outer, block), (block, 1, 1)]
        if len(sizes) == 1:
            return moved(graph, operator, source, target, dimensions, item)
        calls.append(copy(source, target, dimensions, item, (start, 0)))
        start += block
    return Step(operator, tuple(calls))


def transpose(graph: Graph, operator: Operator) -> Step:
    """Permute the axes."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    rank, order = len(source.shape), integers(graph, operator, 1)
    if sorted(order) != list(range(rank)) or rank > 5:
        raise refuse(operator, f"{order} is no permutation of {rank} axes, at most five")
    require_shape(operator, target, [source.shape[axis] for axis in order])
    read, written = strides(source.shape), strides(target.shape)
    dimensions = [(target.shape[i], read[axis], written[i]) for i, axis in enumerate(order)]
    return moved(graph, operator, source, target, dimensions, item)


def constant_slice(graph: Graph, operator: Operator) -> Step:
    """Take a block; a size of -1 takes all that follows."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    begins, sizes = integers(graph, operator, 1), integers(graph, operator, 2)
    if not len(begins) == len(sizes) == len(source.shape):
        raise refuse(operator, "begin and size do not fit the input's dimensions")
    if len(source.shape) > 5:
        raise refuse(operator, f"{len(source.shape)} dimensions are more than five")
    taken = []
    for size, begin, wanted in zip(source.shape, begins, sizes, strict=True):
        end = size if wanted == -1 else begin + wanted
        if not 0 <= begin < end <= size:
            raise refuse(operator, f"{wanted} elements from {begin} are not within {size}")
        taken.append(range(begin, end))
    require_shape(operator, target, [len(part) for part in taken])
    return _taken(graph, operator, source, target, taken)


def strided_slice(graph: Graph, operator: Operator) -> Step:
    """Take every so many elements, at times backwards."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    parameters = [graph.constant(index) for index in operator.inputs[1:]]
    known = [value for value in parameters if value is not None]
    if len(known) != len(parameters):
        raise refuse(operator, "begin, end or strides are computed")
    rank = len(source.shape)
    for position in (1, 2, 3):
        require_type(operator, operand(graph, operator, position), "int32")
    if rank > 4 or any(value.size != rank for value in known):
        raise refuse(operator, f"begin, end and strides do not fit {rank} dimensions, at most four")
    taken, kept = slice_ranges(operator, source.shape, known)
    require_shape(operator, target, [len(taken[axis]) for axis in kept])
    return _taken(graph, operator, source, target, taken)


def _taken(
    graph: Graph, operator: Operator, source: Tensor, target: Tensor, taken: Sequence[range]
) -> Step:
    item = same_type(operator, (source, target))
    read, written = strides(source.shape), strides([len(part) for part in taken])
    dimensions = [
        (len(part), part.step * step, to)
        for part, step, to in zip(taken, read, written, strict=True)
    ]
    start = sum(part.start * step for part, step in zip(taken, read, strict=True))
    return moved(graph, operator, source, target, dimensions, item, start)


LOWERINGS = {
    "PAD": pad,
    "PADV2": pad,
    "CONCATENATION": concatenation,
    "PACK": pack,
    "SPLIT": split,
    "SPLIT_V": split_v,
    "UNPACK": unpack,
    "TRANSPOSE": transpose,
    "STRIDED_SLICE": strided_slice,
}
