"""Content hashes: what makes a number traceable and a cache entry valid."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def of_bytes(data: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def of_json(value: Any) -> str:
    """SHA-256 of a JSON-able value; the order of mapping keys does not matter."""
    return of_bytes(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


def of_arrays(arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over name, type, shape and little-endian bytes of each array, sorted by name."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        digest.update(f"{name}\0{array.dtype.name}\0{array.shape}\0".encode())
        digest.update(little.tobytes())
    return digest.hexdigest()
