"""Data sets: arrays in three splits, checked and hashed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.errors import TinybenchError
from tinybench.storage import hashing

Floats: TypeAlias = NDArray[np.float32]
Values: TypeAlias = Any
"""An array (N, *shape), or several of them by the name of the input or output that they are for."""

DTYPES = ("float32", "int8", "int16", "int32", "int64", "uint8", "bool")
INPUT, OUTPUT = "input", "output"
"""What the only input and the only output are called."""

OURS = "Apache-2.0, made by this project"
"""Licence of data that we generate."""


class DataError(TinybenchError, ValueError):
    """A data set that cannot be trained on or measured with."""

    page = "data-not-usable"


class DataFileError(DataError):
    """A file or a folder that is not there, or cannot be read as data at all."""

    page = "data-file"


class FitError(DataError):
    """Data that do not fit the model or each other."""

    page = "data-do-not-fit"


class LabelsError(DataError):
    """Classes that are not those of the data or the model."""

    page = "data-labels"


class LayoutError(DataError):
    """A folder that has not its data where they are looked for."""

    page = "data-folder"


class NotFiniteError(DataError):
    """Data with values that are NaN or infinite."""

    page = "not-finite"


class RecordingError(DataError):
    """A sound that cannot be read."""

    page = "audio-format"


class TooFewError(DataError):
    """A split or a class without samples."""

    page = "too-few-samples"


@dataclass(frozen=True, slots=True)
class Split:
    """Samples of one split: inputs `x` (N, *input shape) and, where they are known, targets `y`.

    `x` and `y` are arrays, or mappings of arrays for a model with several inputs or outputs. Their
    types are the model's: float32, integers (int32 token ids, uint8 pixels, class numbers), bool.
    `truth` is the noise-free target, of `y`'s shape, where the task knows it; `weights` (N,) are
    float32 numbers that say how much each sample counts in training.
    """

    x: Values
    y: Values = None
    truth: Floats | None = None
    weights: Floats | None = None

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values()), ()))

    @property
    def inputs(self) -> dict[str, NDArray[Any]]:
        """The inputs by name."""
        return by_name(self.x, INPUT)

    @property
    def targets(self) -> dict[str, NDArray[Any]]:
        """The targets by output; none where there are no labels."""
        return {} if self.y is None else by_name(self.y, OUTPUT)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays by name: `x`, or `x/NAME` for each of several inputs, and so on."""
        found: dict[str, NDArray[Any]] = {}
        for key in ("x", "y", "truth", "weights"):
            value = getattr(self, key)
            if isinstance(value, Mapping):
                found |= {f"{key}/{name}": array for name, array in value.items()}
            elif value is not None:
                found[key] = value
        return found

    def taken(self, at: Any) -> Split:
        """The samples at these indexes, or of a slice."""
        return Split(*(_taken(part, at) for part in (self.x, self.y, self.truth, self.weights)))


def by_name(values: Values, only: str) -> dict[str, NDArray[Any]]:
    """Arrays by name; a single one is called `only`."""
    return dict(values) if isinstance(values, Mapping) else {only: values}


def _taken(values: Values, at: Any) -> Values:
    if values is None or not isinstance(values, Mapping):
        return None if values is None else values[at]
    return {name: array[at] for name, array in values.items()}


def hash_of(values: Values) -> str:
    """SHA-256 of one array or of several by name."""
    return hashing.of_arrays(by_name(values, "x"))


def classes_of(y: NDArray[Any]) -> NDArray[np.int64] | None:
    """The class (N,) of each target, or None where targets are no classes.

    Classes are whole numbers or truths (N,) or (N, 1), zeros and ones (N, 1), or one-hot rows.
    """
    flat = y.reshape(len(y), -1)
    if flat.shape[1] == 1:
        numbers = flat[:, 0]
        if y.dtype == np.float32 and not np.isin(numbers, (0, 1)).all():
            return None
        return np.asarray(numbers, np.int64)
    if y.ndim != 2 or not (np.isin(flat, (0, 1)).all() and (flat.sum(axis=1) == 1).all()):
        return None
    return np.asarray(np.argmax(flat, axis=1), np.int64)


@dataclass(frozen=True)
class Dataset:
    """The three splits and where they come from.

    `groups` says what the splits are disjoint by, with the number of groups in each. `labels` are
    the classes, where the data name them.
    """

    train: Split
    validation: Split
    test: Split
    source: str
    licence: str = ""
    groups: str = ""
    labels: tuple[str, ...] = ()

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
        raise TooFewError(f"the {name} split is empty")
    for key, array in split.arrays().items():
        where = f"{key} of the {name} split"
        if array.dtype.name not in DTYPES:
            raise DataError(
                f"{where} is {array.dtype}, not float32 or one of {', '.join(DTYPES[1:])}; "
                "convert it with astype"
            )
        if array.ndim < (2 if key.startswith("x") else 1):
            raise FitError(f"{where} has shape {array.shape}; it needs (samples, features, ...)")
        if len(array) != len(split):
            raise FitError(f"{where} has {len(array)} samples, but x has {len(split)}")
        if array.dtype.kind == "f" and (bad := int(np.count_nonzero(~np.isfinite(array)))):
            raise NotFiniteError(f"{where} has {bad} values that are NaN or infinite")
    _check_beside(name, split)


def _check_beside(name: str, split: Split) -> None:
    if split.truth is not None and split.truth.shape != (expected := getattr(split.y, "shape", ())):
        raise FitError(
            f"truth of the {name} split has shape {split.truth.shape}, but y has {expected}"
        )
    if split.weights is not None and split.weights.shape != (len(split),):
        raise FitError(
            f"weights of the {name} split have shape {split.weights.shape}; one number a sample "
            f"is ({len(split)},)"
        )
