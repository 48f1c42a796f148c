"""What is in a `.tflite` file, as plain frozen values; `reading` makes them, safe to index.

Layout and meaning follow TensorFlow Lite's `schema.fbs`, version 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tinybench.tflite.flat import ModelError

__all__ = [
    "BITS",
    "MAX_RANK",
    "PLAIN",
    "Model",
    "ModelError",
    "Operator",
    "Quantization",
    "Signature",
    "Subgraph",
    "Tensor",
    "join",
    "label",
    "shorten",
]

MAX_RANK = 8  # the most dimensions a TFLite kernel takes (BROADCAST_TO)

BITS = {
    **dict.fromkeys(("int2",), 2),
    **dict.fromkeys(("int4", "uint4"), 4),
    **dict.fromkeys(("int8", "uint8", "bool", "float8_e4m3fn", "float8_e5m2"), 8),
    **dict.fromkeys(("int16", "uint16", "float16", "bfloat16"), 16),
    **dict.fromkeys(("int32", "uint32", "float32"), 32),
    **dict.fromkeys(("int64", "uint64", "float64", "complex64"), 64),
    "complex128": 128,
}
PLAIN = frozenset(
    f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64)
) - {"float8"} | {"bool", "complex64", "complex128"}


@dataclass(frozen=True, slots=True)
class Quantization:
    """Real value = scale · (code - zero point), by slice along `axis` when scales are several.

    `details` names a scheme that this formula does not fit (custom, blockwise), else it is empty.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int
    details: str = ""


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the graph; `data` is the content of a constant, `None` for what is computed.

    `shape` is static, a batch of any size being 1 in it and -1 in `shape_signature`.
    """

    index: int
    name: str
    dtype: str
    shape: tuple[int, ...]
    shape_signature: tuple[int, ...]
    quantization: Quantization | None
    data: bytes | None = field(repr=False)
    is_variable: bool
    sparse: bool
    buffer: int

    @property
    def elements(self) -> int:
        """The number of elements, 1 for a scalar."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int | None:
        """The bytes of a dense tensor of this shape and type, `None` for strings and resources."""
        bits = BITS.get(self.dtype)
        return None if bits is None else (self.elements * bits + 7) // 8

    def array(self) -> npt.NDArray[Any]:
        """Return a read-only view of a constant; raise `ModelError` for what has no plain array."""
        if self.data is None:
            raise ModelError(f"{label(self)}: not a constant")
        if self.sparse or self.dtype not in PLAIN:
            raise ModelError(f"{label(self)}: no array of a sparse or packed {self.dtype} constant")
        if len(self.data) != self.nbytes:
            raise ModelError(f"{label(self)}: {len(self.data)} bytes are not {self.nbytes}")
        dtype = np.dtype(self.dtype).newbyteorder("<")
        return np.frombuffer(self.data, dtype).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of the graph: `name` is the schema's, `CUSTOM:<code>` for others.

    `inputs` has -1 where an optional input is absent. `options` is `None` where the file has
    none, as converters leave it for `RESHAPE`. A custom operator's are bytes of its own making.
    """

    index: int
    name: str
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] | None
    custom_options: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One graph of a file: tensors and operators count from 0 in each."""

    index: int
    name: str
    tensors: tuple[Tensor, ...] = field(repr=False)
    operators: tuple[Operator, ...] = field(repr=False)
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A named entry of a file: a subgraph, and its tensors by the names that callers use."""

    key: str
    subgraph: int
    inputs: tuple[tuple[str, int], ...]
    outputs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Model:
    """One subgraph of a file, the first unless `at` chose another; `size` is the file's bytes.

    `outside` are the buffers that stand behind the FlatBuffer.
    """

    description: str
    version: int
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    metadata: tuple[str, ...]
    signatures: tuple[Signature, ...]
    subgraphs: tuple[Subgraph, ...]
    size: int
    outside: tuple[int, ...] = ()
    subgraph: int = 0

    def at(self, index: int) -> Model:
        """The same file with another subgraph in view; ModelError if it has none of this index."""
        if not 0 <= index < len(self.subgraphs):
            raise ModelError(f"model: subgraph {index} is none of {len(self.subgraphs)}")
        graph = self.subgraphs[index]
        return replace(
            self,
            subgraph=index,
            tensors=graph.tensors,
            operators=graph.operators,
            inputs=graph.inputs,
            outputs=graph.outputs,
        )


def label(item: Tensor | Operator) -> str:
    """Return how messages name a tensor or an operator: index and name, on one line."""
    if isinstance(item, Operator):
        return f"operator {item.index} ({shorten(item.name)})"
    return f"tensor {item.index} ({shorten(item.name)})"


def shorten(name: str) -> str:
    """Return a name fit for a one-line message."""
    shown = name if len(name) <= 60 else f"{name[:57]}..."
    return shown if shown.isprintable() else repr(shown)


def join(shape: tuple[int, ...]) -> str:
    """Return a shape as `2x3`, cut where a damaged file makes it long."""
    return "x".join(map(str, shape[: MAX_RANK + 1])) or "scalar"
