"""Operators whose output is true or false: comparisons, and logic of what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.arithmetic import quantize_multiplier
from tinybench.codegen.graph import Call, Graph, Lowering, Step, quantization, refuse
from tinybench.codegen.operators.elementwise import broadcast
from tinybench.codegen.operators.shaping import operand, require_shape, require_type, result
from tinybench.codegen.strided import walk
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.codegen.graph import Field
    from tinybench.tflite.model import Operator, Tensor

LESS, SAME, GREATER, UNORDERED = 1, 2, 4, 8
"""Orders of two numbers, as `kernels/tb_compare.h` has them."""

RELATIONS = {
    "EQUAL": SAME,
    "NOT_EQUAL": LESS | GREATER | UNORDERED,
    "LESS": LESS,
    "LESS_EQUAL": LESS | SAME,
    "GREATER": GREATER,
    "GREATER_EQUAL": GREATER | SAME,
}
KERNELS = {
    "float32": "compare_f32",
    "int32": "compare_s32",
    "int64": "compare_s64",
    "int8": "compare_s8",
}
TRUTH = {"LOGICAL_AND": 8, "LOGICAL_OR": 14, "EQUAL": 9, "NOT_EQUAL": 6}
"""Functions of two truth values, as `kernels/tb_logical.h` codes them."""
NEITHER = 1


def compare(graph: Graph, operator: Operator) -> Step:
    """Two numbers of one type; int8 codes are scaled first, truth values are equal or not."""
    first, second = operand(graph, operator, 0), operand(graph, operator, 1)
    if first.dtype == "bool" and operator.name in TRUTH:
        return logic(graph, operator)
    require_type(operator, first, *KERNELS)
    require_type(operator, second, first.dtype)
    fields: dict[str, Field] = {"relation": RELATIONS[operator.name]}
    if first.dtype == "int8":
        for side, tensor in (("first", first), ("second", second)):
            fields |= _scaling(graph, operator, side, tensor)
    return _walked(graph, operator, KERNELS[first.dtype], (first, second), fields)


def _scaling(graph: Graph, operator: Operator, side: str, tensor: Tensor) -> dict[str, Field]:
    scale, zero = quantization(graph, operator, tensor.index)
    if not scale < 1:
        raise refuse(operator, f"{label(tensor)} has scale {scale:g}, which is not below 1")
    multiplier, shift = quantize_multiplier(scale)
    return {f"{side}_zero": zero, f"{side}_multiplier": multiplier, f"{side}_shift": shift}


def logic(graph: Graph, operator: Operator) -> Step:
    """Two truth values."""
    sides = operand(graph, operator, 0), operand(graph, operator, 1)
    for tensor in sides:
        require_type(operator, tensor, "bool")
    return _walked(graph, operator, "logical", sides, {"truth": TRUTH[operator.name]})


def negation(graph: Graph, operator: Operator) -> Step:
    """One truth value, given twice: true where neither is."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, "bool")
    require_shape(operator, target, source.shape)
    return _walked(graph, operator, "logical", (source, source), {"truth": NEITHER})


def _walked(
    graph: Graph,
    operator: Operator,
    kernel: str,
    sides: tuple[Tensor, Tensor],
    fields: dict[str, Field],
) -> Step:
    target = result(graph, operator)
    require_type(operator, target, "bool")
    fields = {"walk": walk(broadcast(operator, *sides, target)), **fields}
    call = Call(kernel, (sides[0].index, sides[1].index, target.index), fields)
    same_size = [tensor for tensor in sides if tensor.elements == target.elements]
    return Step(operator, (call,), in_place=tuple((t.index, target.index) for t in same_size))


LOWERINGS: dict[str, Lowering] = {
    **dict.fromkeys(RELATIONS, compare),
    "LOGICAL_AND": logic,
    "LOGICAL_OR": logic,
    "LOGICAL_NOT": negation,
}
