"""A model that ends early: where two runtimes begin to differ is found by comparing such models."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tinybench.tflite.flat import ModelError, children, root
from tinybench.tflite.reading import read

# Where a vtable has a field, from schema.fbs: 4 + 2 · the field's number.
METADATA, SIGNATURES = 16, 18  # of Model
OUTPUTS, OPERATORS = 8, 10  # of SubGraph


def cut(data: bytes, operator_index: int, outputs: Sequence[int] | None = None) -> bytes:
    """Return a model that ends after an operator of the first subgraph.

    Its outputs are the operator's, or the tensors with the indexes `outputs`. Inputs, tensors,
    buffers and the operators up to there keep their bytes and their numbers. Metadata (it may
    plan the arena of the whole model) and signatures (they name outputs of the whole) go. Raise
    `ModelError` for a file that is not sound, an operator that it does not have, or an output
    that is not computed by then.
    """
    model = read(data)
    if not 0 <= operator_index < len(model.operators):
        raise ModelError(f"model: operator {operator_index} is none of {len(model.operators)}")
    wanted = model.operators[operator_index].outputs if outputs is None else tuple(outputs)
    if not all(0 <= index < len(model.tensors) for index in wanted):
        raise ModelError(f"model: outputs {wanted} are not all among {len(model.tensors)} tensors")
    table = root(data)
    graph = next(children(table, "Subgraphs", "subgraph"))._tab
    # Edited in place: a file written anew would lose what this edition of the schema lacks.
    edited = bytearray(data)
    for field in (METADATA, SIGNATURES):
        if offset := table._tab.offset_of(field):
            put(edited, table._tab.indirect(table._tab.Pos + offset), 0)
    put(edited, graph.indirect(graph.Pos + graph.offset_of(OPERATORS)), operator_index + 1)
    if not (offset := graph.offset_of(OUTPUTS)):
        raise ModelError("model: no outputs to replace")
    edited += bytes(-len(edited) % 4)
    put(edited, graph.Pos + offset, len(edited) - graph.Pos - offset)
    edited += struct.pack(f"<I{len(wanted)}i", len(wanted), *wanted)
    shortened = bytes(edited)
    read(shortened)
    return shortened


def put(data: bytearray, position: int, value: int) -> None:
    """Write an offset or a vector's length."""
    data[position : position + 4] = struct.pack("<I", value)
