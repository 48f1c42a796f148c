"""The order of a file's inputs and outputs, which the converter loses by way of a SavedModel."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from tinybench import tflite
from tinybench.tflite.flat import children, root

INPUTS, OUTPUTS = 6, 8  # Where the vtable of a SubGraph has them: 4 + 2 · the field's number.


def restored(data: bytes, inputs: Sequence[str], outputs: int) -> bytes:
    """The file with its inputs in the order of their names, and its outputs by their numbers."""
    model = tflite.read(data)
    edited = bytearray(data)
    graph = next(children(root(data), "Subgraphs", "subgraph"))._tab
    if len(inputs) > 1:
        names = {model.tensors[index].name: index for index in model.inputs}
        wanted = [names[f"serving_default_{name}:0"] for name in inputs]
        _write(edited, graph.vector_start(graph.offset_of(INPUTS)), wanted)
    if outputs > 1:
        by_number = sorted(model.outputs, key=lambda index: _number(model.tensors[index].name))
        _write(edited, graph.vector_start(graph.offset_of(OUTPUTS)), by_number)
    return bytes(edited)


def _number(name: str) -> int:
    found = re.search(r":(\d+)$", name)
    return int(found[1]) if found else 0


def _write(data: bytearray, start: int, values: Sequence[int]) -> None:
    data[start : start + 4 * len(values)] = struct.pack(f"<{len(values)}i", *values)
