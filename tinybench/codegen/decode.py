"""TFLM_DECODE: weights that a file has compressed, decoded when the program is generated.

On a device they are plain constants: the flash that compression saves is spent again. Three
schemes, told by the first of 16 bytes before the tables: indexes into tables of values, Huffman
codes, and bits that say which elements are not zero. Source of the layout: tflite-micro
`micro/kernels/decode_state*.h`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import refuse
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.codegen.graph import Array, Graph
    from tinybench.tflite.model import Operator, Tensor

DECODE = "CUSTOM:TFLM_DECODE"
HEADER = 16
LUT, HUFFMAN, PRUNE = 0, 1, 2
TYPES = ("bool", "float32", "int8", "int16", "int32", "int64")


def decoded(graph: Graph, operator: Operator) -> Sequence[Array]:
    """The values of all outputs; each has two inputs: what is compressed, and its tables."""
    if not operator.outputs or len(operator.inputs) != 2 * len(operator.outputs):
        raise refuse(operator, f"{len(operator.inputs)} inputs are not two for each output")
    pairs = zip(operator.inputs[::2], operator.inputs[1::2], strict=True)
    return [
        _output(operator, _data(graph, operator, first), _data(graph, operator, second), target)
        for (first, second), target in zip(pairs, map(graph.tensor, operator.outputs), strict=True)
    ]


def _data(graph: Graph, operator: Operator, index: int) -> bytes:
    data = graph.tensor(index).data if index >= 0 else None
    if data is None:
        raise refuse(operator, "what it decodes is no constant")
    return data


def _output(operator: Operator, codes: bytes, ancillary: bytes, target: Tensor) -> Array:
    if target.dtype not in TYPES or not target.elements:
        raise refuse(operator, f"{label(target)}: {target.dtype} is not decoded")
    if len(ancillary) < HEADER or ancillary[1] != 1 or ancillary[4] != 1:
        raise refuse(operator, "its tables have an unknown version")
    kind = {LUT: _looked_up, HUFFMAN: _huffman, PRUNE: _pruned}.get(ancillary[0])
    if kind is None:
        raise refuse(operator, f"its scheme of compression, {ancillary[0]}, is unknown")
    values = kind(operator, codes, ancillary, target)
    return values.reshape(target.shape)


def _bits(operator: Operator, codes: bytes, count: int) -> Array:
    """The first bits of some bytes, the highest of each first."""
    if count > 8 * len(codes):
        raise refuse(operator, f"{len(codes)} bytes have no {count} bits")
    return np.unpackbits(np.frombuffer(codes, np.uint8, -(-count // 8)))[:count]


def _channels(operator: Operator, target: Tensor) -> tuple[int, Array]:
    """How many channels there are, and which one each element is of."""
    found = target.quantization
    count, axis = (len(found.scales) or 1, found.axis) if found else (1, 0)
    if count == 1 and not axis:
        return 1, np.zeros(target.elements, np.int64)
    elements = np.arange(target.elements, dtype=np.int64)
    if count > 1 and axis == len(target.shape) - 1:
        return count, elements % count
    if axis:
        raise refuse(operator, f"{label(target)} has scales along axis {axis}")
    return count, elements // (target.elements // count)


def _table(ancillary: bytes, dtype: str) -> Array:
    plain = np.dtype(dtype).newbyteorder("<")
    return np.frombuffer(ancillary, plain, (len(ancillary) - HEADER) // plain.itemsize, HEADER)


def _chosen(operator: Operator, table: Array, places: Array) -> Array:
    if places.size and int(places.max()) >= table.size:
        raise refuse(operator, f"a table of {table.size} values has no {int(places.max())}")
    return table[places]


def _looked_up(operator: Operator, codes: bytes, ancillary: bytes, target: Tensor) -> Array:
    """Indexes of a few bits each, into a table for each channel."""
    width, stride = ancillary[5] & 7, ancillary[6]
    if not width:
        raise refuse(operator, "its indexes have no bits")
    _, channel = _channels(operator, target)
    bits = _bits(operator, codes, width * target.elements).reshape(-1, width)
    indexes = bits @ (1 << np.arange(width - 1, -1, -1, dtype=np.int64))
    if target.dtype == "bool":
        table = _table(ancillary, "uint8")
        return np.asarray(_chosen(operator, table, channel * stride + indexes) != 0)
    return _chosen(operator, _table(ancillary, target.dtype), channel * stride + indexes)


def _pruned(operator: Operator, codes: bytes, ancillary: bytes, target: Tensor) -> Array:
    """A bit for each element that is not zero; the table has those."""
    found = target.quantization
    zeros = np.array(found.zero_points if found and found.zero_points else (0,), np.int64)
    if target.dtype != "int8" and zeros.any():
        raise refuse(operator, f"{label(target)} has a zero point that is not 0")
    _, channel = _channels(operator, target)
    given = _bits(operator, codes, target.elements).astype(bool)
    dtype = "uint8" if target.dtype == "bool" else target.dtype
    values = zeros[channel % zeros.size].astype(dtype)
    values[given] = _chosen(operator, _table(ancillary, dtype), np.arange(int(given.sum())))
    return np.asarray(values != 0) if target.dtype == "bool" else values


def _huffman(operator: Operator, codes: bytes, ancillary: bytes, target: Tensor) -> Array:
    """Codes of any length, by a tree of tables: an entry is a symbol or leads to another table."""
    wide = ancillary[5] & 1
    if target.dtype not in (("int8", "int16") if wide else ("int8",)):
        raise refuse(operator, f"{label(target)}: {target.dtype} has no such Huffman codes")
    table = _table(ancillary, "uint32" if wide else "uint16").tolist()
    found_bit, shift, mask = (31, 27, 0x7FFFFFF) if wide else (15, 11, 0x7FF)
    first = (ancillary[5] >> 4) + 1
    size, at = 8 * len(codes), 0
    # What is looked at beyond the end is put back.
    padded = codes + bytes(16)

    def taken(count: int) -> int:
        window = int.from_bytes(padded[at >> 3 : (at >> 3) + 8], "big")
        return window >> (64 - (at & 7) - count) & ((1 << count) - 1)

    symbols = []
    for _ in range(target.elements):
        used, place, start = first, taken(first), at
        at += used
        while True:
            if at > size + 32 or place >= len(table):
                raise refuse(operator, "its codes lead out of their tables")
            entry = table[place]
            bits = entry >> shift & 15
            if entry >> found_bit:
                break
            used = bits + 1
            place += (entry & mask) + taken(used)
            at += used
        at -= max(used - bits, 0)
        if not start < at <= size:
            raise refuse(operator, "its codes end before all elements are decoded")
        symbols.append(entry)
    return np.array(symbols, np.uint32).astype(target.dtype)
