"""Scales of 0, which the converter gives to tensors that are 0 throughout, and no reader takes."""

from __future__ import annotations

import struct

from tinybench.tflite.flat import children, root

SCALE = 8  # Where the vtable of QuantizationParameters has it.


def positive(data: bytes) -> bytes:
    """The file with the least scale of its tensors for 0: what is 0 is 0 at any scale.

    A large one would count in an addition: its operands are brought to the larger scale.
    """
    graph = next(children(root(data), "Subgraphs", "subgraph"))
    places: list[int] = []
    least = 1.0
    for tensor in children(graph, "Tensors", "tensor"):
        quantization = tensor.Quantization()
        if quantization is None or not (offset := quantization._tab.Offset(SCALE)):
            continue
        start = quantization._tab.Vector(offset)
        for index in range(quantization._tab.VectorLen(offset)):
            (scale,) = struct.unpack_from("<f", data, start + 4 * index)
            if scale == 0:
                places.append(start + 4 * index)
            else:
                least = min(least, scale)
    if not places:
        return data
    edited = bytearray(data)
    for place in places:
        struct.pack_into("<f", edited, place, least)
    return bytes(edited)
