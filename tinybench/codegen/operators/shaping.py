"""What lowerings ask of shapes and operands, and the operators that only rename a shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen.graph import Graph, Step, option, refuse
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

ITEM_BYTES = {
    **dict.fromkeys(("int8", "uint8", "bool"), 1),
    "int16": 2,
    **dict.fromkeys(("int32", "uint32", "float32"), 4),
    **dict.fromkeys(("int64", "uint64", "float64"), 8),
}
"""Element types that kernels move."""

TAKEN = {
    "TRANSPOSE": "int8 int16 float32",
    "CONCATENATION": "int8 int16 int32 int64 bool float32",
    "PACK": "int8 int16 int32 int64 float32",
    **dict.fromkeys(("UNPACK", "SPLIT", "SPLIT_V"), "int8 int16 int32 float32"),
    **dict.fromkeys(("PAD", "PADV2", "DYNAMIC_UPDATE_SLICE"), "int8 int16 int32 float32"),
    **dict.fromkeys(("SLICE", "STRIDED_SLICE"), "int8 int16 int32 bool float32"),
    **dict.fromkeys(("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "MIRROR_PAD"), "int8 float32"),
    **dict.fromkeys(("SPACE_TO_DEPTH", "DEPTH_TO_SPACE"), "int8 float32"),
    **dict.fromkeys(("GATHER", "GATHER_ND", "CUMSUM"), "int8 float32"),
    **dict.fromkeys(("RESIZE_NEAREST_NEIGHBOR", "EXPAND_DIMS", "SELECT_V2"), "int8 int16 float32"),
    "REVERSE_V2": "int8 uint8 int16 int32 int64 bool float32",
    "ZEROS_LIKE": "int8 int32 int64 float32",
    "FILL": "int8 int32 float32",
    "BROADCAST_ARGS": "int32 int64",
}
"""Types that the pinned TFLM takes of operators which move elements; of others, all of them."""

INPUTS = {
    **dict.fromkeys(("CAST", "SQUEEZE", "ZEROS_LIKE", "SPACE_TO_DEPTH", "DEPTH_TO_SPACE"), (1,)),
    **dict.fromkeys(("TRANSPOSE", "EXPAND_DIMS", "RESIZE_NEAREST_NEIGHBOR", "REVERSE_V2"), (2,)),
    **dict.fromkeys(("GATHER", "GATHER_ND", "EMBEDDING_LOOKUP", "CUMSUM"), (2,)),
    **dict.fromkeys(("BROADCAST_TO", "BROADCAST_ARGS"), (2,)),
    **dict.fromkeys(("SLICE", "SPLIT_V", "SELECT_V2", "DYNAMIC_UPDATE_SLICE"), (3,)),
    **dict.fromkeys(("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"), (3,)),
    "STRIDED_SLICE": (4,),
    "RESHAPE": (1, 2),
    **dict.fromkeys(("PAD", "PADV2"), (2, 3)),
    "CONCATENATION": range(1, 11),
}
"""How many inputs the pinned TFLM takes; of operators that are not named, it does not look."""

NARROW = frozenset(TAKEN) - {"SLICE", "MIRROR_PAD", "FILL"}
"""Operators whose axes, sizes and borders TFLM reads as int32, whatever their type is."""

CODES = {"int8": 1, "uint8": 2, "int16": 3, "int32": 4}
"""Types of codes, as `kernels/tb_code.h` numbers them."""


def operand(graph: Graph, operator: Operator, position: int, *, literal: bool = True) -> Tensor:
    """The tensor at a position of the inputs; refuse one that is absent or empty.

    A `literal` constant is written into the program, so all its numbers are finite: C has no
    literal for others.
    """
    if position >= len(operator.inputs) or operator.inputs[position] < 0:
        raise refuse(operator, f"input {position} is absent")
    tensor = _filled(operator, graph.tensor(operator.inputs[position]))
    value = graph.constant(tensor.index)
    if literal and value is not None and not np.isfinite(value).all():
        raise refuse(operator, f"{label(tensor)} has infinite elements or no numbers")
    return tensor


def result(graph: Graph, operator: Operator, position: int = 0) -> Tensor:
    """The tensor at a position of the outputs; refuse one that is absent or empty."""
    if position >= len(operator.outputs):
        raise refuse(operator, f"output {position} is absent")
    return _filled(operator, graph.tensor(operator.outputs[position]))


def _filled(operator: Operator, tensor: Tensor) -> Tensor:
    if not tensor.elements:
        raise refuse(operator, f"{label(tensor)} has no elements")
    return tensor


def same_type(operator: Operator, tensors: Sequence[Tensor]) -> int:
    """Bytes of an element of tensors that are only moved; refuse a mix of types."""
    first = tensors[0]
    if first.dtype not in ITEM_BYTES:
        raise refuse(operator, f"{label(first)}: {first.dtype} is not supported")
    taken = TAKEN.get(operator.name)
    if taken is not None and first.dtype not in taken.split():
        reason = f"TensorFlow Lite Micro takes {', '.join(taken.split())}"
        raise refuse(operator, f"{label(first)} is {first.dtype}: {reason}")
    for tensor in tensors:
        require_type(operator, tensor, first.dtype)
    return ITEM_BYTES[first.dtype]


def require_inputs(operator: Operator) -> None:
    """Refuse a number of inputs that TFLM refuses."""
    count = len(operator.inputs)
    if count not in INPUTS.get(operator.name, (count,)):
        raise refuse(operator, f"it has {count} inputs")


def require_type(operator: Operator, tensor: Tensor, *dtypes: str) -> None:
    """Refuse a tensor that has none of these types."""
    if tensor.dtype not in dtypes:
        raise refuse(operator, f"{label(tensor)} is {tensor.dtype}, not {' or '.join(dtypes)}")


def same_codes(operator: Operator, tensors: Sequence[Tensor]) -> None:
    """Refuse int8 codes that do not mean the same in all tensors, which TFLM refuses too."""
    first, *others = tensors
    for other in others:
        found = [
            t.quantization and t.quantization.scales + t.quantization.zero_points
            for t in (first, other)
        ]
        if first.dtype == "int8" and found[0] != found[1]:
            raise refuse(operator, f"{label(first)} and {label(other)} are quantized differently")


def require_shape(operator: Operator, tensor: Tensor, shape: Sequence[int]) -> None:
    """Refuse an output whose shape is not the one that its inputs lead to."""
    if tensor.shape != tuple(shape):
        found, wanted = ("x".join(map(str, s)) or "scalar" for s in (tensor.shape, shape))
        raise refuse(operator, f"{label(tensor)} is {found}, its inputs make it {wanted}")


def integers(graph: Graph, operator: Operator, position: int) -> list[int]:
    """The numbers of a constant operand, flat."""
    tensor = operand(graph, operator, position)
    require_type(operator, tensor, *(("int32",) if operator.name in NARROW else ("int32", "int64")))
    value = graph.constant(tensor.index)
    if value is None:
        raise refuse(operator, f"{label(tensor)} is computed, it must be constant")
    return [int(v) for v in value.reshape(-1)]


def resolved_axis(operator: Operator, axis: Any, rank: int) -> int:
    """An axis as a number from 0; negative ones count from the end."""
    if not isinstance(axis, int) or not -rank <= axis < rank:
        raise refuse(operator, f"axis {axis} is none of {rank}")
    return axis % rank


def real_option(operator: Operator, name: str) -> float:
    """A number among the options, 0 where there is none; refuse what is no number."""
    value = option(operator, name, 0.0)
    if not isinstance(value, (int, float)):
        raise refuse(operator, f"{name} is {value!r}, not a number")
    return float(value)


def no_activation(operator: Operator) -> None:
    """Refuse a fused activation where the runtime has none."""
    fused = option(operator, "fused_activation_function", "NONE")
    if fused != "NONE":
        raise refuse(operator, f"fused {fused} is not supported")


def renamed(operator: Operator, source: Tensor, target: Tensor) -> Step:
    """A step for which nothing runs: the output is the input's memory."""
    return Step(operator, alias=((source.index, target.index),))


def reshape(graph: Graph, operator: Operator) -> Step:
    """The output is the input's memory; the shape is the output tensor's."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    if source.nbytes != target.nbytes or source.dtype != target.dtype:
        raise refuse(operator, f"{label(source)} and {label(target)} have other sizes or types")
    same_type(operator, (source, target))
    if graph.constant(source.index) is not None:
        raise refuse(operator, f"{label(source)} is a constant of another type or size")
    return renamed(operator, source, target)


def squeeze(graph: Graph, operator: Operator) -> Step:
    """Drop dimensions of one: all of them, or those that the options name."""
    shape = operand(graph, operator, 0).shape
    named = option(operator, "squeeze_dims", ())
    axes = [resolved_axis(operator, int(axis), len(shape)) for axis in named]
    if any(shape[axis] != 1 for axis in axes) or len(shape) > 8:
        raise refuse(operator, f"axes {axes} of shape {list(shape)} are not all of one element")
    gone = axes or [axis for axis, size in enumerate(shape) if size == 1]
    kept = [size for axis, size in enumerate(shape) if axis not in gone]
    require_shape(operator, result(graph, operator), kept)
    return reshape(graph, operator)


def expand_dims(graph: Graph, operator: Operator) -> Step:
    """Add a dimension of one."""
    shape = operand(graph, operator, 0).shape
    given = operand(graph, operator, 1)
    axes = integers(graph, operator, 1)
    if len(given.shape) > 1:
        raise refuse(operator, f"{label(given)} is no axis")
    axis = resolved_axis(operator, axes[0], len(shape) + 1)
    require_shape(operator, result(graph, operator), [*shape[:axis], 1, *shape[axis:]])
    return reshape(graph, operator)


LOWERINGS = {"RESHAPE": reshape, "SQUEEZE": squeeze, "EXPAND_DIMS": expand_dims}
