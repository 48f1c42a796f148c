"""A bounds-checked FlatBuffers table, put under the accessors that the schema compiler generated.

The Python runtime of FlatBuffers has no verifier: a damaged offset wraps around or raises
`struct.error`, and a hostile vector length is looped over. Here every offset is checked before it
is followed, and one file may not be read for more bytes than it has.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.errors import TinybenchError, require_packages

if TYPE_CHECKING:
    from collections.abc import Iterator

# The generated module has no annotations: this is the boundary where `Any` enters.
require_packages("reading .tflite files", "ai_edge_litert.schema_py_generated")
schema: Any = importlib.import_module("ai_edge_litert.schema_py_generated")

# Vectors of tables (tensors, operators, buffers) longer than this are refused: each entry costs
# some microseconds, and the networks of a microcontroller have hundreds.
MAX_TABLES = 65_536


class ModelError(TinybenchError, ValueError):
    """A file is no readable `.tflite` model; the message is one line: what is wrong and where."""

    page = "damaged-model"


class NotTFLiteError(ModelError):
    """A file of another kind."""

    page = "not-tflite"


class NewerFileError(ModelError):
    """A file with content that this version does not know."""

    page = "newer-tflite"


class PortsError(ModelError):
    """Inputs or outputs that the data do not fit."""

    page = "data-do-not-fit"


class Budget:
    """The bytes that may still be read from one file.

    An honest file says each byte once; vtables and shared strings are the exception. Vectors that
    overlap make a small file as long to read as its square, so twice its size is the limit.
    """

    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        self.left = 2 * size + 1024

    def spend(self, count: int, where: str) -> None:
        """Take `count` bytes off; raise `ModelError` when there are not as many left."""
        self.left -= count
        if self.left < 0:
            raise ModelError(f"{where}: overlapping vectors, more content than the file has bytes")


class CheckedTable:
    """The part of `flatbuffers.table.Table` that generated accessors call, with offsets checked.

    `where` names the table in errors.
    """

    __slots__ = ("Bytes", "Pos", "budget", "where")

    def __init__(self, data: bytes, position: int, budget: Budget, where: str) -> None:
        self.Bytes = data
        self.Pos = position
        self.budget = budget
        self.where = where
        budget.spend(4, where)
        vtable = position - self._int(position, 4, signed=True)
        length = self._int(vtable, 2)
        if length < 4 or length % 2:
            raise ModelError(f"{where}: its table of fields has the impossible length {length}")
        self._check(vtable, length)

    def _check(self, offset: int, size: int) -> None:
        if offset < 0 or offset + size > len(self.Bytes):
            raise ModelError(
                f"{self.where}: bytes {offset}..{offset + size} are outside of the file"
                f" of {len(self.Bytes)} bytes"
            )

    def _int(self, offset: int, size: int, *, signed: bool = False) -> int:
        self._check(offset, size)
        return int.from_bytes(self.Bytes[offset : offset + size], "little", signed=signed)

    def _vector(self, offset: int, size: int) -> tuple[int, int]:
        """Return start and length of the vector of `size`-byte items referred to at an offset."""
        start = self.indirect(offset)
        length = self._int(start, 4)
        self._check(start + 4, length * size)
        return start + 4, length

    def offset_of(self, slot: int) -> int:
        """Return the offset of a field from the table's start, 0 when it is absent."""
        vtable = self.Pos - self._int(self.Pos, 4, signed=True)
        return self._int(vtable + slot, 2) if slot < self._int(vtable, 2) else 0

    def scalar(self, flags: Any, offset: int) -> Any:
        """Return the scalar at an offset from the file's start."""
        self._check(offset, flags.bytewidth)
        return flags.py_type(flags.packer_type.unpack_from(self.Bytes, offset)[0])

    def indirect(self, offset: int) -> int:
        """Return where the reference at an offset points to."""
        target = offset + self._int(offset, 4)
        self._check(target, 4)
        return target

    def string(self, offset: int) -> bytes:
        """Return the string referred to at an offset."""
        start, length = self._vector(offset, 1)
        self.budget.spend(length, self.where)
        return self.Bytes[start : start + length]

    def vector_length(self, offset: int) -> int:
        """Return the number of items of the vector in a field."""
        return self._vector(self.Pos + offset, 1)[1]

    def vector_start(self, offset: int) -> int:
        """Return where the items of the vector in a field start."""
        return self._vector(self.Pos + offset, 1)[0]

    def vector(self, flags: Any, offset: int) -> Any:
        """Return a read-only view of the vector of scalars in a field."""
        start, length = self._vector(self.Pos + offset, flags.bytewidth)
        self.budget.spend(length * flags.bytewidth, self.where)
        dtype = np.dtype(flags.name).newbyteorder("<")
        return np.frombuffer(self.Bytes, dtype, length, start)

    def outside(self, offset: int, size: int, where: str) -> bytes:
        """Return bytes of the file that stand behind the FlatBuffer."""
        if offset + size > len(self.Bytes):
            raise ModelError(
                f"{where}: bytes {offset}..{offset + size} are outside of the file"
                f" of {len(self.Bytes)} bytes"
            )
        self.budget.spend(size, where)
        return self.Bytes[offset : offset + size]

    def union(self, table: Any, offset: int) -> None:
        """Point an unchecked table to the one referred to in a field; `child` then checks it."""
        table.Bytes = self.Bytes
        table.Pos = self.indirect(self.Pos + offset)

    # The names that generated code calls.
    Offset = offset_of
    Get = scalar
    Indirect = indirect
    String = string
    VectorLen = vector_length
    Vector = vector_start
    GetVectorAsNumpy = vector
    Union = union


def root(data: bytes) -> Any:
    """Return the generated `Model` accessor over a file's root table."""
    model = schema.Model()
    position = int.from_bytes(data[:4], "little")
    model._tab = CheckedTable(data, position, Budget(len(data)), "model")
    return model


def child(parent: Any, value: Any, where: str, kind: Any = None) -> Any:
    """Return an accessor with a checked table; `kind` is its class when `value` is a bare union."""
    table = value if kind else value._tab
    value = kind() if kind else value
    value._tab = CheckedTable(table.Bytes, table.Pos, parent._tab.budget, where)
    return value


def count_of(parent: Any, field: str, noun: str) -> int:
    """Return the length of a vector of tables, which are named `noun` in errors."""
    length: int = getattr(parent, f"{field}Length")()
    where = f"{parent._tab.where}: {noun}s"
    if length > MAX_TABLES:
        raise ModelError(f"{where}: a vector of {length} is longer than {MAX_TABLES}")
    parent._tab.budget.spend(4 * length, where)
    return length


def item_of(parent: Any, field: str, noun: str, index: int) -> Any:
    """Return an accessor to a table of a vector, named `noun` and its index in errors."""
    return child(parent, getattr(parent, field)(index), f"{noun} {index}")


def children(parent: Any, field: str, noun: str) -> Iterator[Any]:
    """Yield the tables of a vector."""
    for index in range(count_of(parent, field, noun)):
        yield item_of(parent, field, noun, index)


def numbers(parent: Any, field: str) -> tuple[Any, ...]:
    """Return a vector of scalars as Python numbers, empty when the field is absent."""
    values = getattr(parent, f"{field}AsNumpy")()
    return () if isinstance(values, int) else tuple(values.tolist())


def text(value: bytes | None) -> str:
    """Return a string field decoded; damaged characters are replaced, an absent one is empty."""
    return (value or b"").decode("utf-8", "replace")


def enum_names(enum: Any) -> dict[int, str]:
    """Return value to name of a generated enumeration."""
    return {
        value: name
        for name, value in vars(enum).items()
        if isinstance(value, int) and not name.startswith("_")
    }
