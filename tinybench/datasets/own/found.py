"""What a reader finds in a file, and what is wanted of it."""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.console import progress
from tinybench.datasets.data import DataError, DataFileError, Dataset, FitError

Shape: TypeAlias = "tuple[int | None, ...]"
Port: TypeAlias = tuple[Shape, str]
"""Shape without the batch and data type of an input or output; None is any size."""
Ports: TypeAlias = Mapping[str, Port]
Scaling: TypeAlias = Literal["0..255", "0..1", "-1..1"]
"""The range of real numbers that a byte 0…255 becomes."""

LARGE = 512 << 20
"""Bytes of a file from which on only its size is told; what is used of it is hashed anyway."""
WHOLE = "all"
"""The only part of data that are not split yet."""
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The model's inputs and outputs, and how the caller wants the data read."""

    inputs: Ports = field(default_factory=dict)
    outputs: Ports = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    seed: int = 1
    most: int | None = None
    scaling: Scaling | None = None

    def input(self, where: str) -> tuple[tuple[int, ...], str]:
        """Shape and data type of the only input; DataError if there is no such."""
        if len(self.inputs) != 1:
            raise FitError(
                f"{where} holds one input for each sample, but the model has "
                f"{len(self.inputs)} ({', '.join(self.inputs)}); save its inputs in one .npz"
            )
        ((shape, dtype),) = self.inputs.values()
        known = tuple(size for size in shape if size is not None)
        if len(known) < len(shape):
            raise FitError(
                f"{where}: the model's input {shown(shape)} has sizes that are not fixed; fix "
                "them in the model, or save its inputs in one .npz"
            )
        return known, dtype


@dataclass(frozen=True, slots=True)
class Files:
    """Samples that are files: each is read when it is taken."""

    paths: Sequence[Path]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[Sequence[Path]], list[NDArray[Any] | DataError]]

    def take(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Samples by number; DataError names the first that is bad, and how many more are."""
        report = progress.bar("read", "file")
        found = np.empty((len(rows), *self.shape[1:]), self.dtype)
        bad: list[DataError] = []
        for start in range(0, len(rows), 256):
            chosen = [self.paths[row] for row in rows[start : start + 256]]
            for index, sample in enumerate(self.read(chosen), start):
                if isinstance(sample, DataError):
                    bad.append(sample)
                else:
                    found[index] = sample
            report(min(start + 256, len(rows)), len(rows))
        if bad:
            more = f" ({len(bad) - 1} other files are bad too)" if len(bad) > 1 else ""
            raise DataError(f"{bad[0]}{more}", page=bad[0].page)
        return found


Rows: TypeAlias = "NDArray[Any] | Files"
"""Samples that may lie in memory, in a mapped file, or in a file each."""


def take(rows: Rows, chosen: NDArray[np.int64]) -> NDArray[Any]:
    """The chosen samples, in memory."""
    if isinstance(rows, Files):
        return rows.take(chosen)
    if not isinstance(rows, np.memmap):
        return np.asarray(rows[chosen])
    found = np.empty((len(chosen), *rows.shape[1:]), rows.dtype)
    for start in range(0, len(chosen), 64):
        found[start : start + 64] = rows[chosen[start : start + 64]]
        # The system may map two megabytes for a sample, which would count as this process's.
        if isinstance(rows.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            rows.base.madvise(mmap.MADV_DONTNEED)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """Inputs and targets by name, "" where there is one without; all of as many samples."""

    x: Mapping[str, Rows]
    y: Mapping[str, Rows]
    weights: Rows | None = None

    def __len__(self) -> int:
        return next(iter(self.x.values())).shape[0]

    def arrays(self) -> dict[str, Rows]:
        """Everything, by the name that a message gives it."""
        found = {key("x", name): rows for name, rows in self.x.items()}
        found |= {key("y", name): rows for name, rows in self.y.items()}
        return found if self.weights is None else {**found, "weights": self.weights}


@dataclass(frozen=True, slots=True)
class Found:
    """The parts of a file: `all` alone, or some of train, validation and test.

    `flat` says that a sample is a row of numbers, whose shape is the model's affair.
    """

    where: str
    parts: Mapping[str, Part]
    source: str
    labels: tuple[str, ...] = ()
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """A data set, and the names of its classes if it or the caller gives any."""

    dataset: Dataset
    labels: tuple[str, ...]


def key(kind: str, name: str, part: str = WHOLE) -> str:
    """What a message calls an array."""
    return (f"{kind}.{name}" if name else kind) + ("" if part == WHOLE else f" ({part})")


def shown(shape: Sequence[int | None]) -> str:
    """A shape as Python writes it, "?" for any size."""
    sizes = ["?" if size is None else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def source_of(path: Path) -> str:
    """The file's name, and the hash of its contents if they are not too large to be read for it."""
    digest = hashlib.sha256()
    try:
        if (size := path.stat().st_size) > LARGE:
            return f"{path.name}, {size} bytes"
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise DataFileError(
            f"{path} cannot be read ({error.strerror}); name another file"
        ) from None
    return f"{path.name}, SHA-256 {digest.hexdigest()[:16]}"
