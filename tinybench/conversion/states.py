"""The states of quantized LSTMs, in the scale of their outputs.

The operator writes one value to both: its hidden state, calibrated alone, and its output, which
the converter may have given the scale of a neighbour, such as the other half of a Bidirectional.
Where the two differ the output is off by that; in the output's scale both are right.
"""

from __future__ import annotations

import struct
from typing import Any

from tinybench.tflite.flat import children, root

LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"
STATE, HIDDEN = 18, 4
"""Which input is the state, and which intermediate the value before it is written."""


def like_outputs(data: bytes) -> bytes:
    """The file with hidden states and values in the scale and zero point of the output."""
    from tinybench import tflite

    model = tflite.read(data)
    lstms = [operator for operator in model.operators if operator.name == LSTM]
    if not any(model.tensors[one.outputs[0]].quantization for one in lstms):
        return data
    edited = bytearray(data)
    table = root(data)
    graph = next(children(table, "Subgraphs", "subgraph"))
    for operator in lstms:
        output = model.tensors[operator.outputs[0]].quantization
        if output is None:
            continue
        values = (output.scales[0], output.zero_points[0])
        hidden = int(graph.Operators(operator.index).Intermediates(HIDDEN))
        for index in (operator.inputs[STATE], hidden):
            _set(edited, graph.Tensors(index).Quantization()._tab, *values)
    constants = {tensor.buffer for tensor in model.tensors if not tensor.is_variable}
    for tensor in model.tensors:
        if tensor.is_variable and tensor.buffer not in constants:
            _clear(edited, table.Buffers(tensor.buffer)._tab)
    return bytes(edited)


def _clear(data: bytearray, table: Any) -> None:
    """Write zeros for what no runtime reads and the converter leaves as it found its memory."""
    if offset := table.Offset(4):
        start, length = table.Vector(offset), table.VectorLen(offset)
        data[start : start + length] = bytes(length)


def _set(data: bytearray, table: Any, scale: float, zero_point: int) -> None:
    """Write a tensor's one scale and zero point, where the file has them."""
    scales, zero_points = (table.Offset(slot) for slot in (8, 10))
    struct.pack_into("<f", data, table.Vector(scales), scale)
    if zero_points:
        struct.pack_into("<q", data, table.Vector(zero_points), zero_point)
