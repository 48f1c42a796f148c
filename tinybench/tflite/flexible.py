"""The options of custom operators: a FlexBuffers map of numbers by name, read with bounds checked.

Layout: the last two bytes are the type and the width of the root, which stands before them. A map
has its values in the order of their names; before the first value are where the names are, the
width of a name's place, and how many values there are; behind the last value, a byte for the type
of each. Source: FlatBuffers, `flexbuffers.h`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from tinybench.tflite.flat import ModelError

INT, UINT, FLOAT, BOOL = 1, 2, 3, 26
INDIRECT = {6: INT, 7: UINT, 8: FLOAT}
MAP = 9
FLOATS = {4: "<f", 8: "<d"}
LONGEST = 1024
"""Names and values of one map beyond which it is no operator's options."""


@dataclass(frozen=True, slots=True)
class Flexible:
    """A value of a map: the number, or None for what is none; `bits` are those in its place.

    Runtimes that take a value by its place read these bits as a signed integer, whatever its type.
    """

    number: float | int | None
    bits: int


def read_map(data: bytes) -> Mapping[str, Flexible]:
    """The values of a map by name, in its order; ModelError for what is not one."""
    source = _Bytes(data)
    if len(data) < 3:
        raise ModelError(f"custom options of {len(data)} bytes are no map")
    width = source.width(data[-1])
    if data[-2] >> 2 != MAP:
        raise ModelError("custom options are not a map of names and values")
    end = len(data) - 2
    values = source.target(end - width, width)
    width = 1 << (data[-2] & 3)
    count = source.unsigned(values - width, width)
    keys_width = source.width(source.unsigned(values - 2 * width, width))
    keys = source.target(values - 3 * width, width)
    if count > LONGEST or source.unsigned(keys - keys_width, keys_width) != count:
        raise ModelError(f"custom options: {count} values do not fit their names")
    found: dict[str, Flexible] = {}
    last = b""
    for index in range(count):
        name = source.string(source.target(keys + index * keys_width, keys_width))
        if index and name <= last:
            raise ModelError("custom options: names are not in order")
        last = name
        kind = source.unsigned(values + count * width + index, 1)
        found[name.decode("utf-8", "replace")] = source.value(values + index * width, width, kind)
    return found


class _Bytes:
    """Bytes that are only read where there are some."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def taken(self, at: int, size: int) -> bytes:
        if at < 0 or at + size > len(self.data):
            raise ModelError(f"custom options: bytes {at}..{at + size} are outside of them")
        return self.data[at : at + size]

    def width(self, number: int) -> int:
        if number not in (1, 2, 4, 8):
            raise ModelError(f"custom options: numbers of {number} bytes")
        return number

    def unsigned(self, at: int, width: int) -> int:
        return int.from_bytes(self.taken(at, width), "little")

    def target(self, at: int, width: int) -> int:
        """Where the offset at a place leads to: it counts backwards."""
        return at - self.unsigned(at, width)

    def string(self, at: int) -> bytes:
        self.taken(at, 1)
        end = self.data.find(b"\0", at)
        if end < 0 or end - at > LONGEST:
            raise ModelError("custom options: a name has no end")
        return self.data[at:end]

    def value(self, at: int, width: int, kind: int) -> Flexible:
        bits = int.from_bytes(self.taken(at, width), "little", signed=True)
        stored, size = kind >> 2, width
        if stored in INDIRECT:
            at, stored, size = self.target(at, width), INDIRECT[stored], 1 << (kind & 3)
        return Flexible(self._number(at, size, stored), bits)

    def _number(self, at: int, width: int, kind: int) -> float | int | None:
        if kind in (INT, UINT, BOOL):
            return int.from_bytes(self.taken(at, width), "little", signed=kind == INT)
        if kind == FLOAT and width in FLOATS:
            value: float = struct.unpack(FLOATS[width], self.taken(at, width))[0]
            return value if math.isfinite(value) else None
        return None
