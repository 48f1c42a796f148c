"""Operators that repeat, turn around, choose or fill: no element is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Call, Graph, Step, refuse
from tinybench.codegen.operators.movement import copy, fill, moved
from tinybench.codegen.operators.shaping import (
    integers,
    operand,
    require_shape,
    require_type,
    resolved_axis,
    result,
    same_type,
)
from tinybench.codegen.strided import strides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybench.tflite.model import Operator

RANK = 5
"""The most dimensions that TFLM broadcasts."""


def broadcast_to(graph: Graph, operator: Operator) -> Step:
    """Repeat the input along dimensions that it lacks or that are one."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    require_shape(operator, target, integers(graph, operator, 1))
    if len(operand(graph, operator, 1).shape) != 1:
        raise refuse(operator, "its shape is no list of sizes")
    read = _steps(operator, source.shape, target.shape)
    dimensions = list(zip(target.shape, read, strides(target.shape), strict=True))
    return moved(graph, operator, source, target, dimensions, item)


def _steps(operator: Operator, shape: Sequence[int], wanted: Sequence[int]) -> list[int]:
    """Steps through a tensor that is broadcast to a shape: 0 where it is repeated."""
    missing = len(wanted) - len(shape)
    if not 0 <= missing <= len(wanted) <= RANK:
        raise refuse(operator, f"{len(shape)} dimensions do not broadcast to {len(wanted)}")
    padded = [1] * missing + list(shape)
    if any(size not in (1, goal) for size, goal in zip(padded, wanted, strict=True)):
        raise refuse(operator, f"shape {list(shape)} does not broadcast to {list(wanted)}")
    steps = strides(padded)
    return [0 if size == 1 else step for size, step in zip(padded, steps, strict=True)]


def fill_(graph: Graph, operator: Operator) -> Step:
    """Give every element the value of a scalar."""
    value, target = operand(graph, operator, 1), result(graph, operator)
    item = same_type(operator, (value, target))
    shape = operand(graph, operator, 0)
    known = graph.constant(shape.index)
    if value.shape or len(shape.shape) != 1 or known is None or known.dtype.kind != "i":
        raise refuse(operator, "its inputs are no constant shape and no scalar")
    require_shape(operator, target, [int(size) for size in known])
    constant = graph.constant(value.index)
    if constant is not None:
        little = constant.astype(constant.dtype.newbyteorder("<"))
        return Step(operator, (fill(target, little.tobytes()),))
    return Step(operator, (copy(value, target, [(target.elements, 0, 1)], item),))


def zeros_like(graph: Graph, operator: Operator) -> Step:
    """Zeros in the shape of the input; of codes, the code 0."""
    source, target = operand(graph, operator, 0, literal=False), result(graph, operator)
    same_type(operator, (source, target))
    require_shape(operator, target, source.shape)
    return Step(operator, (fill(target, bytes(1)),))


def reverse(graph: Graph, operator: Operator) -> Step:
    """Turn neighbouring axes around."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    require_shape(operator, target, source.shape)
    rank = len(source.shape)
    given = operand(graph, operator, 1)
    axes = sorted(resolved_axis(operator, axis, rank) for axis in integers(graph, operator, 1))
    if axes != list(range(axes[0], axes[0] + len(axes))) or len(given.shape) != 1 or rank > 6:
        raise refuse(operator, f"axes {axes} of {rank} are not supported")
    steps = strides(source.shape)
    turned = [-step if axis in axes else step for axis, step in enumerate(steps)]
    start = sum((source.shape[axis] - 1) * steps[axis] for axis in axes)
    dimensions = list(zip(source.shape, turned, steps, strict=True))
    return moved(graph, operator, source, target, dimensions, item, start)


def broadcast_args(graph: Graph, operator: Operator) -> Step:
    """The shape that two shapes broadcast to."""
    first, second = operand(graph, operator, 0), operand(graph, operator, 1)
    target = result(graph, operator)
    item = same_type(operator, (first, second, target))
    if not len(first.shape) == len(second.shape) == len(target.shape) == 1:
        raise refuse(operator, "shapes are not lists of sizes")
    require_shape(operator, target, max(first.shape, second.shape))
    fields = {
        "first": first.elements,
        "second": second.elements,
        "sizes": target.elements,
        "words": item // 4,
    }
    arguments = (first.index, second.index, target.index)
    return Step(operator, (Call("broadcast_args", arguments, fields),))


def select(graph: Graph, operator: Operator) -> Step:
    """Take each element from one of two tensors."""
    condition, x, y = (operand(graph, operator, position) for position in range(3))
    target = result(graph, operator)
    require_type(operator, condition, "bool")
    item = same_type(operator, (x, y, target))
    inputs = (condition, x, y)
    if not all(t.elements == 1 for t in (*inputs, target)):
        require_shape(operator, target, np.broadcast_shapes(*(t.shape for t in inputs)))
    if all(t.elements == target.elements for t in inputs):
        shape, steps = [target.elements], [[1]] * 3
    else:
        shape, steps = list(target.shape), [_steps(operator, t.shape, target.shape) for t in inputs]
    dimensions = _joined(list(zip(shape, *steps, strict=True))) or [(1, 0, 0, 0)]
    sizes, *columns = (np.array(column, np.int32) for column in zip(*dimensions, strict=True))
    fields = {
        "rank": len(dimensions),
        "size": sizes,
        "condition": columns[0],
        "x": columns[1] * np.int32(item),
        "y": columns[2] * np.int32(item),
        "elements": target.elements,
        "width": item,
    }
    arguments = (*(t.index for t in inputs), target.index)
    return Step(operator, (Call("select", arguments, fields),))


def _joined(dimensions: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The same dimensions without those of one, and with those that continue each other joined."""
    found: list[tuple[int, ...]] = []
    for size, *steps in dimensions:
        if size == 1:
            continue
        if found and list(found[-1][1:]) == [size * step for step in steps]:
            size *= found.pop()[0]
        found.append((size, *steps))
    return found


LOWERINGS = {
    "BROADCAST_TO": broadcast_to,
    "BROADCAST_ARGS": broadcast_args,
    "FILL": fill_,
    "ZEROS_LIKE": zeros_like,
    "REVERSE_V2": reverse,
    "SELECT_V2": select,
}
