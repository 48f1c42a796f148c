"""Data sets: arrays in three splits, checked and hashed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.errors import TinybenchError
from tinybench.storage import hashing

Floats: TypeAlias = NDArray[np.float32]


OURS = "Apache-2.0, made by this project"
"""Licence of data that we generate."""


class DataError(TinybenchError, ValueError):
    """A data set that cannot be trained on or measured with."""


@dataclass(frozen=True, slots=True)
class Split:
    """Samples of one split: `x` (N, *input shape) and `y` (N, *output shape), both float32.

    `truth` is the noise-free target, of `y`'s shape, where the task knows it.
    """

    x: Floats
    y: Floats
    truth: Floats | None = None

    def __len__(self) -> int:
        return len(self.x)

    def arrays(self) -> dict[str, Floats]:
        """The arrays by name."""
        found = {"x": self.x, "y": self.y}
        return found if self.truth is None else {**found, "truth": self.truth}


@dataclass(frozen=True)
class Dataset:
    """The three splits and where they come from.

    `groups` says what the splits are disjoint by, with the number of groups in each.
    """

    train: Split
    validation: Split
    test: Split
    source: str
    licence: str = ""
    groups: str = ""

    def __post_init__(self) -> None:
        for name, split in self.splits().items():
            _check(name, split)

    def splits(self) -> dict[str, Split]:
        """The splits by name, in the order a reader expects."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @cached_property
    def sha256(self) -> str:
        """Hash of every array of every split."""
        return hashing.of_arrays(
            {
                f"{name}/{key}": array
                for name, split in self.splits().items()
                for key, array in split.arrays().items()
            }
        )


def _check(name: str, split: Split) -> None:
    if not len(split):
        raise DataError(f"the {name} split is empty")
    for key, array in split.arrays().items():
        where = f"{key} of the {name} split"
        if array.dtype != np.float32:
            raise DataError(f"{where} is {array.dtype}, not float32; convert it with astype")
        if array.ndim < 2:
            raise DataError(f"{where} has shape {array.shape}; it needs (samples, features, ...)")
        if len(array) != len(split):
            raise DataError(f"{where} has {len(array)} samples, but x has {len(split)}")
        if bad := int(np.count_nonzero(~np.isfinite(array))):
            raise DataError(f"{where} has {bad} values that are NaN or infinite")
    if split.truth is not None and split.truth.shape != split.y.shape:
        raise DataError(
            f"truth of the {name} split has shape {split.truth.shape}, but y has {split.y.shape}"
        )
