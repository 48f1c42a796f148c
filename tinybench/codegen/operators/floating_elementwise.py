"""Operators on float32 without weights: element by element, reductions, softmax."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Call, Graph, Lowering, Step, option, refuse
from tinybench.codegen.operators.elementwise import broadcast
from tinybench.codegen.operators.reduction import reduced_axes, walks
from tinybench.codegen.operators.shaping import (
    no_activation,
    operand,
    require_shape,
    require_type,
    result,
)
from tinybench.codegen.strided import walk

if TYPE_CHECKING:
    from tinybench.codegen.graph import Field
    from tinybench.tflite.model import Operator, Tensor

LARGEST = float(np.finfo(np.float32).max)
BOUNDS = {
    "NONE": (-LARGEST, LARGEST),
    "RELU": (0.0, LARGEST),
    "RELU6": (0.0, 6.0),
    "RELU_N1_TO_1": (-1.0, 1.0),
}
"""Ranges of fused activations; without one, infinities become finite, as in TFLM."""


def activation_bounds(operator: Operator) -> dict[str, Field]:
    """The fields `low` and `high` of a kernel with a fused activation."""
    activation = option(operator, "fused_activation_function", "NONE")
    if activation not in BOUNDS:
        raise refuse(operator, f"the fused activation {activation} is not supported")
    low, high = BOUNDS[activation]
    return {"low": low, "high": high}


def floats(graph: Graph, operator: Operator, *positions: int) -> list[Tensor]:
    """The inputs at these positions and the output; refuse what is absent or of another type."""
    tensors = [operand(graph, operator, position) for position in positions]
    tensors.append(result(graph, operator))
    for tensor in tensors:
        require_type(operator, tensor, "float32")
    return tensors


def _binary(kernel: str, *, activation: bool) -> Lowering:
    """The lowering of an operator with two operands, which are broadcast."""

    def lower(graph: Graph, operator: Operator) -> Step:
        first, second, target = floats(graph, operator, 0, 1)
        fields: dict[str, Field] = {
            "walk": walk(broadcast(operator, first, second, target)),
            **(activation_bounds(operator) if activation else {}),
        }
        call = Call(kernel, (first.index, second.index, target.index), fields)
        same_size = [t for t in (first, second) if t.elements == target.elements]
        return Step(operator, (call,), in_place=tuple((t.index, target.index) for t in same_size))

    return lower


def _unary(
    kernel: str, fields: Callable[[Operator], Mapping[str, Field]] | None = None
) -> Lowering:
    """The lowering of a function of one element; `fields` beside the number of elements."""

    def lower(graph: Graph, operator: Operator) -> Step:
        source, target = floats(graph, operator, 0)
        require_shape(operator, target, source.shape)
        extra = fields(operator) if fields else {}
        call = Call(kernel, (source.index, target.index), {"elements": source.elements, **extra})
        return Step(operator, (call,), in_place=((source.index, target.index),))

    return lower


def _rows(kernel: str, fields: Callable[[Operator], Mapping[str, Field]] | None = None) -> Lowering:
    """The lowering of a function of rows, which are whatever stands before the last dimension."""

    def lower(graph: Graph, operator: Operator) -> Step:
        source, target = floats(graph, operator, 0)
        require_shape(operator, target, source.shape)
        depth = source.shape[-1] if source.shape else 1
        sizes = {"rows": source.elements // depth, "depth": depth}
        call = Call(
            kernel,
            (source.index, target.index),
            {**sizes, **(fields(operator) if fields else {})},
        )
        return Step(operator, (call,), in_place=((source.index, target.index),))

    return lower


def l2_normalization(graph: Graph, operator: Operator) -> Step:
    """Rows of length one; at most four dimensions, as TFLM has it."""
    no_activation(operator)
    if not 1 <= len(operand(graph, operator, 0).shape) <= 4:
        raise refuse(operator, "its input has not one to four dimensions")
    return _rows("l2_normalization_f32")(graph, operator)


def add_n(graph: Graph, operator: Operator) -> Step:
    """One call for each of two or more tensors of one shape."""
    *sources, target = floats(graph, operator, *range(max(len(operator.inputs), 2)))
    calls = []
    for number, source in enumerate(sources):
        require_shape(operator, source, target.shape)
        fields: dict[str, Field] = {"elements": target.elements, "first": int(number == 0)}
        calls.append(Call("accumulate_f32", (source.index, target.index), fields))
    return Step(operator, tuple(calls))


def prelu(graph: Graph, operator: Operator) -> Step:
    """Slopes broadcast; TFLM ends the program with more than four dimensions."""
    if len(result(graph, operator).shape) > 4:
        raise refuse(operator, "it has more than four dimensions")
    return _binary("prelu_f32", activation=False)(graph, operator)


def _reduce(*, divide: bool) -> Lowering:
    """The lowering of SUM, or of MEAN with `divide`."""

    def lower(graph: Graph, operator: Operator) -> Step:
        source, target = floats(graph, operator, 0)
        axes = reduced_axes(graph, operator, source, target)
        fields = {**walks(source, axes), "divide": int(divide)}
        return Step(operator, (Call("reduce_f32", (source.index, target.index), fields),))

    return lower


def _alpha(operator: Operator) -> Mapping[str, Field]:
    return {"alpha": float(option(operator, "alpha", 0.0))}


def _beta(operator: Operator) -> Mapping[str, Field]:
    return {"beta": float(option(operator, "beta", 1.0))}


def _range(activation: str) -> Callable[[Operator], Mapping[str, Field]]:
    low, high = BOUNDS[activation]
    return lambda _: {"low": low, "high": high}


LOWERINGS = {
    "ADD": _binary("add_f32", activation=True),
    "SUB": _binary("sub_f32", activation=True),
    "MUL": _binary("mul_f32", activation=True),
    "DIV": _binary("div_f32", activation=True),
    "MAXIMUM": _binary("maximum_f32", activation=False),
    "MINIMUM": _binary("minimum_f32", activation=False),
    "SQUARED_DIFFERENCE": _binary("squared_difference_f32", activation=False),
    "FLOOR_DIV": _binary("floor_div_f32", activation=False),
    "FLOOR_MOD": _binary("floor_mod_f32", activation=False),
    "PRELU": prelu,
    "ADD_N": add_n,
    "RELU": _unary("relu_f32"),
    "RELU6": _unary("clamp_f32", _range("RELU6")),
    "LEAKY_RELU": _unary("leaky_relu_f32", _alpha),
    "HARD_SWISH": _unary("hard_swish_f32"),
    "LOGISTIC": _unary("logistic_f32"),
    "TANH": _unary("tanh_f32"),
    "EXP": _unary("exp_f32"),
    "ELU": _unary("elu_f32"),
    "LOG": _unary("log_f32"),
    "SIN": _unary("sin_f32"),
    "COS": _unary("cos_f32"),
    "CEIL": _unary("ceil_f32"),
    "FLOOR": _unary("floor_f32"),
    "ROUND": _unary("round_f32"),
    "ABS": _unary("abs_f32"),
    "NEG": _unary("neg_f32"),
    "SQUARE": _unary("square_f32"),
    "SQRT": _unary("sqrt_f32"),
    "RSQRT": _unary("rsqrt_f32"),
    "SOFTMAX": _rows("softmax_f32", _beta),
    "LOG_SOFTMAX": _rows("log_softmax_f32"),
    "L2_NORMALIZATION": l2_normalization,
    "MEAN": _reduce(divide=True),
    "SUM": _reduce(divide=False),
}
