"""What a model is measured with: test split, calibration inputs, and a card of the whole data set.

Data that take long to make ship this part, as integers in a compressed file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import (
    DataError,
    Dataset,
    Floats,
    LabelsError,
    Split,
    Values,
    classes_of,
)
from tinybench.storage.store import write_atomically

Calibration: TypeAlias = Literal["first", "drawn"]
FIRST = "first"
DRAW_SEED = 1
MOST_CLASSES = 2
"""A draw by class is for so many samples a class at least: a number of another kind has many."""

TOLD = ("source", "licence", "groups")
"""What a data set says of itself in words."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How inputs are stored as integers of `dtype`: x = code · scale + offset, in float32."""

    dtype: str
    scale: float
    offset: float = 0.0

    def values(self, codes: NDArray[Any]) -> Floats:
        """The inputs (float32) of integer codes."""
        found: Floats = codes.astype(np.float32) * np.float32(self.scale) + np.float32(self.offset)
        return found

    def codes(self, x: Floats) -> NDArray[Any]:
        """The codes of inputs; DataError for an input that lies between two of them."""
        found = np.rint((x.astype(np.float64) - self.offset) / self.scale).astype(self.dtype)
        if not np.array_equal(self.values(found), x):
            raise DataError(f"inputs are not on the grid {self}; store them on a finer one")
        return found


@dataclass(frozen=True, slots=True)
class Card:
    """Where a data set comes from: `sha256` is of all its splits, `counts` of samples per split.

    For a classifier the counts are by class. `groups` says what the splits are disjoint by.
    """

    sha256: str
    source: str
    licence: str
    groups: str
    counts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Test split and calibration inputs (N, *input shape), which are disjoint; and their card.

    `draw` says how calibration samples were chosen from the training split. `labels` are the
    classes of a classifier.
    """

    test: Split
    calibration: Values
    card: Card
    draw: str = FIRST
    labels: tuple[str, ...] = ()


def of_dataset(
    data: Dataset,
    calibration_samples: int,
    labels: Sequence[str] = (),
    *,
    calibration: Calibration = "first",
) -> Evaluation:
    """What to measure with; calibrated by training samples, never by validation or test.

    They are the first ones, or a seeded draw. `labels` are the classes of a classifier's targets.
    """
    labels = tuple(labels) or data.labels
    counts = {name: _counts(split, labels) for name, split in data.splits().items()}
    card = Card(data.sha256, data.source, data.licence, data.groups, counts)
    if calibration == "first":
        chosen, draw = slice(calibration_samples), FIRST
    else:
        chosen, draw = drawn(data.train, calibration_samples)
    return Evaluation(data.test, data.train.taken(chosen).x, card, draw, labels)


def drawn(split: Split, count: int, seed: int = DRAW_SEED) -> tuple[Any, str]:
    """Indexes of a seeded draw of `count` samples, ascending, and how it was made.

    Where the targets are classes each gives the same share of its samples, and at least one.
    """
    random, total = np.random.default_rng(seed), len(split)
    targets = list(split.targets.values())
    classes = classes_of(targets[0]) if len(targets) == 1 else None
    if total <= count:
        return np.arange(total), "all"
    if classes is None or len(np.unique(classes)) * MOST_CLASSES > count:
        return np.sort(random.choice(total, count, replace=False)), f"drawn, seed {seed}"
    # In turns through each class's shuffled samples, by how far through its class one is.
    rank = np.empty(total)
    for one in np.unique(classes):
        members = random.permutation(np.flatnonzero(classes == one))
        rank[members] = np.arange(len(members)) / len(members)
    return np.sort(np.argsort(rank, kind="stable")[:count]), f"drawn by class, seed {seed}"


def _counts(split: Split, labels: Sequence[str]) -> int | dict[str, int]:
    if not labels or len(split.targets) != 1:
        return len(split)
    (targets,) = split.targets.values()
    found = classes_of(targets)
    if found is None and targets.shape[1:] == (len(labels),):
        # Several labels at once: how many samples have each.
        return {label: int(np.sum(targets[:, at] > 0.5)) for at, label in enumerate(labels)}
    wide = targets.ndim > 1 and targets.shape[1] > 1
    last = -1 if found is None else int(found.max())
    if (
        found is None
        or int(found.min()) < 0
        or last >= len(labels)
        or (wide and targets.shape[1:] != (len(labels),))
    ):
        raise LabelsError(
            f"targets have shape {targets.shape}{_classes(found, wide)}, but there are "
            f"{len(labels)} labels; a classifier's targets are one-hot, or class numbers from 0"
        )
    return {label: int(np.sum(found == index)) for index, label in enumerate(labels)}


def _classes(found: NDArray[Any] | None, wide: bool) -> str:
    return "" if found is None or wide else f" and classes {found.min()} to {found.max()}"


def pack(data: Dataset, grid: Grid) -> bytes:
    """All splits of a data set without a truth, compressed; DataError as `Grid.codes` has it."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, split in data.splits().items():
        arrays |= {f"{name}/x": grid.codes(split.x), f"{name}/y": split.y}
    told = {name: getattr(data, name) for name in TOLD}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, told=np.array(json.dumps(told)), **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack(packed: bytes, grid: Grid) -> Dataset:
    """The data set that was packed on this grid."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        train, validation, test = (
            Split(grid.values(file[f"{name}/x"]), file[f"{name}/y"])
            for name in ("train", "validation", "test")
        )
        return Dataset(train, validation, test, **json.loads(str(file["told"])))


def save(path: Path, evaluation: Evaluation, grid: Grid) -> None:
    """Write an evaluation with one-hot targets; DataError if an input is not on the grid."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        x=grid.codes(evaluation.test.x),
        y=evaluation.test.y.astype(np.uint8),
        calibration=grid.codes(evaluation.calibration),
        card=np.array(json.dumps(asdict(evaluation.card), ensure_ascii=False, sort_keys=True)),
        grid=np.array(json.dumps(asdict(grid))),
    )
    write_atomically(path, buffer.getvalue())


def load(path: Path) -> Evaluation:
    """Read `save`'s file back; DataError if it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            grid = Grid(**json.loads(str(file["grid"])))
            test = Split(grid.values(file["x"]), file["y"].astype(np.float32))
            card = Card(**json.loads(str(file["card"])))
            return Evaluation(test, grid.values(file["calibration"]), card)
    except Exception as error:
        # zipfile and NumPy raise a dozen types on damaged files; all mean the same here.
        raise DataError(
            f"{path} holds no test and calibration splits ({error}); "
            "restore it, or make it again: tinybench train TASK --save"
        ) from None
