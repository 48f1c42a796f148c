"""BATCH_MATMUL: products of two matrices each, either of which may be a constant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybench.codegen.arithmetic import INT32_MAX, quantize_multiplier
from tinybench.codegen.graph import Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.int16_elementwise import HIGH, LOW, symmetric_scale
from tinybench.codegen.operators.shaping import operand, require_shape, require_type, result
from tinybench.codegen.operators.weights import sum_scale, wide_multipliers
from tinybench.codegen.strided import merged, strides, walk
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

ROWS = 3
"""Rows from which on it pays to multiply four at a time, with a copy of the second matrix."""


def batch_matmul(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; transposed matrices are read with other steps."""
    first, second = operand(graph, operator, 0), operand(graph, operator, 1)
    target = result(graph, operator)
    require_type(operator, first, "float32", "int8", "int16")
    for tensor in (second, target):
        require_type(operator, tensor, first.dtype)
    matrices = _matrices(operator, first, second, target)
    arguments = (first.index, second.index, target.index)
    fields: dict[str, Any] = {"matrices": matrices}
    if first.dtype == "int8":
        return Step(operator, (_int8(graph, operator, arguments, fields),))
    if first.dtype == "float32":
        return Step(operator, (Call("batch_matmul_f32", arguments, fields),))
    fields["scale"] = _int16(graph, operator, matrices["depth"])
    return Step(operator, (Call("batch_matmul_s16", arguments, fields),))


def _matrices(operator: Operator, first: Tensor, second: Tensor, target: Tensor) -> dict[str, Any]:
    """The members of `struct tb_matrices`; refuse shapes that do not fit."""
    rank = max(len(first.shape), len(second.shape))
    if min(len(first.shape), len(second.shape)) < 2 or rank > 5:
        raise refuse(operator, "an operand has less than two dimensions, or more than five")
    shapes = [(*(1,) * (rank - len(tensor.shape)), *tensor.shape) for tensor in (first, second)]
    steps = [strides(shape) for shape in shapes]
    flipped = [bool(option(operator, name, False)) for name in ("adj_x", "adj_y")]
    (height, depth), (between, width) = (
        shape[:-3:-1] if swap else shape[-2:] for shape, swap in zip(shapes, flipped, strict=True)
    )
    (first_row, first_step), (second_step, second_column) = (
        step[:-3:-1] if swap else step[-2:] for step, swap in zip(steps, flipped, strict=True)
    )
    if depth != between:
        raise refuse(operator, f"{label(first)} and {label(second)} do not fit each other")
    batches: list[int] = []
    dimensions: list[tuple[int, int, int]] = []
    for a, b, *step in zip(*shapes, *steps, strict=True):
        if a != b and 1 not in (a, b) and len(batches) < rank - 2:
            raise refuse(operator, f"batches of {a} and {b} do not broadcast")
        batches.append(max(a, b))
        dimensions.append((max(a, b), step[0] * (a > 1), step[1] * (b > 1)))
    require_shape(operator, target, [*batches[:-2], height, width])
    return {
        "walk": walk(merged(dimensions[:-2])),
        "rows": height,
        "columns": width,
        "depth": depth,
        "first_row": first_row,
        "first_step": first_step,
        "second_column": second_column,
        "second_step": second_step,
    }


def _int8(
    graph: Graph, operator: Operator, arguments: tuple[int, int, int], fields: dict[str, Any]
) -> Call:
    (one, first), (two, second), (out, zero_point) = (
        quantization(graph, operator, index) for index in arguments
    )
    multiplier, shift = quantize_multiplier(one * two / out)
    matrices = fields["matrices"]
    depth, columns = matrices["depth"], matrices["columns"]
    # Of what is summed before the second zero point is taken off, and after.
    reach = depth * 255 * 256 << max(shift, 0)
    if reach + 129 > INT32_MAX:
        raise refuse(operator, f"sums of up to {reach} do not fit 32 bits")
    fields["code"] = {
        "first_zero": first,
        "second_zero": second,
        "zero_point": zero_point,
        "multiplier": multiplier,
        "shift": shift,
    }
    if matrices["rows"] < ROWS:
        return Call("batch_matmul_row_s8", arguments, fields)
    groups = -(-depth // 4)
    direct = matrices["second_step"] == 1 and not depth % 4
    fields |= {"groups": groups, "direct": int(direct)}
    scratch = groups * (36 + (0 if direct else 4 * columns))
    return Call("batch_matmul_s8", arguments, fields, scratch)


def _int16(graph: Graph, operator: Operator, depth: int) -> dict[str, Any]:
    """The members of `struct tb_scale_s16`: the rule of sums of 64 bits."""
    tensors = [graph.tensor(index) for index in (*operator.inputs, operator.outputs[0])]
    one, two, out = (symmetric_scale(graph, operator, tensor) for tensor in tensors)
    multipliers = [quantize_multiplier(one * two / out)]
    cut = wide_multipliers(operator, multipliers, depth << 30)
    return {**sum_scale(cut, wide=True), "low": LOW, "high": HIGH}


LOWERINGS = {"BATCH_MATMUL": batch_matmul}
