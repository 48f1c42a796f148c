"""Operators whose value is known when the program is generated.

The converter writes chains of SHAPE, STRIDED_SLICE and PACK to compute the shape for a RESHAPE of
a batch of any size; with the static shape of a device they are constants.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.decode import DECODE, decoded
from tinybench.codegen.graph import UnsupportedError, option
from tinybench.codegen.strided import slice_ranges
from tinybench.tflite.subgraphs import run_by

if TYPE_CHECKING:
    from tinybench.codegen.graph import Array, Graph
    from tinybench.tflite.model import Operator, Tensor

RESHAPES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
FOLDABLE = (*RESHAPES, "SHAPE", "STRIDED_SLICE", "PACK", "CONCATENATION", "CAST")
LIMIT = 4096
"""Elements of a folded value: shapes and indexes, not weights that somebody hides."""


def remaining(graph: Graph) -> Sequence[Operator]:
    """The operators that are left to run, in order: not folded, and needed by an output or a state.

    What is folded becomes constants of the graph.
    """
    folded = set()
    for operator in graph.model.operators:
        values = fold(graph, operator)
        if values is not None:
            folded.add(operator.index)
            graph.constants.update(zip(operator.outputs, values, strict=True))
    needed = set(graph.model.outputs)
    live = []
    for operator in reversed(graph.model.operators):
        if operator.index in folded:
            continue
        if not (needed.intersection(operator.outputs) or _lasting(graph, operator)):
            continue
        needed.update(operator.inputs)
        live.append(operator)
    return live[::-1]


def _lasting(graph: Graph, operator: Operator) -> bool:
    """Whether an operator, or what it runs, does something beside outputs: it changes a state."""
    model = graph.model
    return _changes(model.tensors, operator) or any(
        _changes(model.subgraphs[index].tensors, one)
        for index in run_by(model, [operator])
        for one in model.subgraphs[index].operators
    )


def _changes(tensors: Sequence[Tensor], operator: Operator) -> bool:
    used = [index for index in (*operator.inputs, *operator.outputs) if index >= 0]
    return not operator.outputs or any(tensors[index].is_variable for index in used)


def fold(graph: Graph, operator: Operator) -> Sequence[Array] | None:
    """The values of an operator's outputs, or None if they depend on the model's inputs."""
    if operator.name == DECODE:
        with contextlib.suppress(UnsupportedError):  # its lowering says why
            return decoded(graph, operator)
    if operator.name not in FOLDABLE or len(operator.outputs) != 1 or not operator.inputs:
        return None
    output = graph.tensor(operator.outputs[0])
    if operator.name in RESHAPES:
        value = graph.constant(operator.inputs[0])
        if value is None or str(value.dtype) != output.dtype or value.size != output.elements:
            return None
        return [value.reshape(output.shape)]
    if output.elements > LIMIT or output.dtype not in ("int32", "int64"):
        return None
    if operator.name == "SHAPE":
        value = np.array(graph.tensor(operator.inputs[0]).shape, np.int64)
        return _fitted(value, output.shape, output.dtype) if operator.inputs[0] >= 0 else None
    known = [graph.constant(index) for index in operator.inputs]
    inputs = [value for value in known if value is not None and value.dtype.kind == "i"]
    if len(inputs) < len(known):
        return None
    if operator.name == "STRIDED_SLICE":
        taken, _ = slice_ranges(operator, inputs[0].shape, inputs[1:])
        value = inputs[0][np.ix_(*taken)]
    elif operator.name == "CAST":
        value = inputs[0]
    else:
        if operator.name == "PACK":
            inputs = [np.expand_dims(item, item.ndim) for item in inputs]
        # Shapes are vectors of numbers, so only these are joined.
        if any(item.ndim != 1 for item in inputs) or option(operator, "axis", 0) not in (0, -1):
            return None
        value = np.concatenate(inputs)
    return _fitted(value, output.shape, output.dtype)


def _fitted(value: Array, shape: tuple[int, ...], dtype: str) -> Sequence[Array] | None:
    """The value in the tensor's shape and type; None if they contradict each other."""
    limits = np.iinfo(dtype)
    if value.size != np.prod(shape, dtype=np.int64) or not value.size:
        return None
    if value.min() < limits.min or value.max() > limits.max:
        return None
    return [np.asarray(value.reshape(shape), dtype)]
