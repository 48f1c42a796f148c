"""What an operator demands of the values of an input: an index is in range, a shape is the shape.

Shapes are the static ones of the file, so an operand that says a size says that of the output.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinybench.tflite.model import Model, Operator, Tensor

    Limits: TypeAlias = tuple[Any, Any]

MOST_PERMUTED = 6
"""Dimensions of a transposed tensor of which the order is searched for."""


def demanded(model: Model, operator: Operator, position: int) -> Limits | None:
    """The least and the greatest value of an input, each a number or one for each element.

    None where anything may be given, or nothing is known.
    """
    rule = RULES.get((operator.name, position))
    tensors = [None if index == -1 else model.tensors[index] for index in operator.inputs]
    if rule is None or not operator.outputs:
        return None
    try:
        return rule(tensors, model.tensors[operator.outputs[0]], operator.options or {})
    except (IndexError, AttributeError, ValueError, TypeError):
        # The file leaves out what the rule reads, or says what cannot be: it demands nothing.
        return None


def _rows(operand: int, axis: int | None = None) -> Callable[..., Limits]:
    """An index along an axis of an operand."""

    def rule(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
        along = options.get("axis", 0) if axis is None else axis
        return 0, inputs[operand].shape[along] - 1

    return rule


def _points(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
    """Indices of GATHER_ND, the last axis of which says where along each axis of the data."""
    data, indices = inputs[0].shape, inputs[1]
    ends = [size - 1 for size in data[: indices.shape[-1]]]
    return 0, np.tile(ends, indices.elements // len(ends))


def _scattered(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
    ends = [size - 1 for size in output.shape[: inputs[0].shape[-1]]]
    return 0, np.tile(ends, inputs[0].elements // len(ends))


def _classes(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
    return 0, output.shape[options.get("axis", -1)] - 1


def _room(operand: int) -> Callable[..., Limits]:
    """Where a part as large as `operand` (-1: the output) may begin in input 0."""

    def rule(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
        part = output if operand == -1 else inputs[operand]
        return 0, [a - b for a, b in zip(inputs[0].shape, part.shape, strict=True)]

    return rule


def _exactly(values: Callable[..., Sequence[int] | int]) -> Callable[..., Limits]:
    def rule(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
        found = values(inputs, output, options)
        return found, found

    return rule


def _axes(operand: int) -> Callable[..., Limits]:
    """Any axis of an operand."""
    return lambda inputs, output, options: (0, len(inputs[operand].shape) - 1)


def _order(inputs: list[Tensor], output: Tensor, options: Any) -> Sequence[int]:
    shape = inputs[0].shape[:MOST_PERMUTED]
    orders = itertools.permutations(range(len(shape)))
    return next(p for p in orders if tuple(shape[axis] for axis in p) == output.shape)


def _new_axis(inputs: list[Tensor], output: Tensor, options: Any) -> int:
    shape = list(inputs[0].shape)
    places = range(len(shape) + 1)
    return next(at for at in places if (*shape[:at], 1, *shape[at:]) == output.shape)


def _split_axis(operand: int) -> Callable[..., Sequence[int] | int]:
    def axis(inputs: list[Tensor], output: Tensor, options: Any) -> int:
        pairs = zip(inputs[operand].shape, output.shape, strict=True)
        return next((at for at, (whole, part) in enumerate(pairs) if whole != part), 0)

    return axis


def _repeats(inputs: list[Tensor], output: Tensor, options: Any) -> Sequence[int]:
    return [b // max(a, 1) for a, b in zip(inputs[0].shape, output.shape, strict=True)]


def _padding(inputs: list[Tensor], output: Tensor, options: Any) -> Sequence[int]:
    pairs = zip(inputs[0].shape, output.shape, strict=True)
    return [value for a, b in pairs for value in (0, b - a)]


def _steps(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
    """Lengths of REVERSE_SEQUENCE."""
    return 0, inputs[0].shape[options["seq_dim"]]


def _divisor(inputs: list[Tensor], output: Tensor, options: Any) -> Limits | None:
    """No integer is divided by zero."""
    return None if output.dtype == "float32" else (1, np.inf)


def _at_least(real: int) -> Callable[..., Limits]:
    """Numbers that a function is defined for; codes of them if the tensor is quantized."""

    def rule(inputs: list[Tensor], output: Tensor, options: Any) -> Limits:
        codes = inputs[0].quantization
        return real + (codes.zero_points[0] if codes else 0), np.inf

    return rule


_shape = _exactly(lambda inputs, output, options: output.shape)
_size = _exactly(lambda inputs, output, options: output.shape[1:3])

RULES: dict[tuple[str, int], Callable[..., Limits | None]] = {
    ("GATHER", 1): _rows(0),
    ("GATHER_ND", 1): _points,
    ("EMBEDDING_LOOKUP", 0): _rows(1, axis=0),
    ("EMBEDDING_LOOKUP_SPARSE", 0): _rows(3, axis=0),
    ("SCATTER_ND", 0): _scattered,
    ("SCATTER_ND", 2): _shape,
    ("ONE_HOT", 0): _classes,
    ("ONE_HOT", 1): _exactly(lambda inputs, output, options: output.shape[options["axis"]]),
    ("UNSORTED_SEGMENT_SUM", 1): lambda inputs, output, options: (0, output.shape[0] - 1),
    ("SLICE", 1): _room(-1),
    ("SLICE", 2): _shape,
    ("STRIDED_SLICE", 1): _room(-1),
    ("DYNAMIC_UPDATE_SLICE", 2): _room(1),
    ("TRANSPOSE_CONV", 0): _shape,
    ("CONV_3D_TRANSPOSE", 0): _shape,
    ("RESHAPE", 1): _shape,
    ("BROADCAST_TO", 1): _shape,
    ("FILL", 0): _shape,
    ("RESIZE_BILINEAR", 1): _size,
    ("RESIZE_NEAREST_NEIGHBOR", 1): _size,
    ("TILE", 1): _exactly(_repeats),
    ("PAD", 1): _exactly(_padding),
    ("PADV2", 1): _exactly(_padding),
    ("MIRROR_PAD", 1): _exactly(_padding),
    ("TRANSPOSE", 1): _exactly(_order),
    ("EXPAND_DIMS", 1): _exactly(_new_axis),
    ("SPLIT", 0): _exactly(_split_axis(1)),
    ("SPLIT_V", 2): _exactly(_split_axis(0)),
    ("TOPK_V2", 1): _exactly(lambda inputs, output, options: output.shape[-1]),
    ("REVERSE_SEQUENCE", 1): _steps,
    ("LOG", 0): _at_least(1),
    ("RSQRT", 0): _at_least(1),
    ("SQRT", 0): _at_least(0),
    ("DIV", 1): _divisor,
    ("FLOOR_DIV", 1): _divisor,
    ("FLOOR_MOD", 1): _divisor,
    **{(f"ARG_{end}", 1): _axes(0) for end in ("MAX", "MIN")},
    **{(name, 1): _axes(0) for name in ("CUMSUM", "REVERSE_V2", "MEAN", "SUM")},
    **{(f"REDUCE_{name}", 1): _axes(0) for name in ("MAX", "MIN", "PROD", "ALL", "ANY")},
    **{(f"{side}_SHIFT", 1): lambda *_: (0, 7) for side in ("LEFT", "RIGHT")},
}
"""By operator and number of the input; each takes the inputs, the first output and the options."""
