"""Which samples are taken, and for which split: a seeded draw that keeps the shares of classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import TooFewError
from tinybench.datasets.own.found import SPLITS, WHOLE, Files, Part

Numbers: TypeAlias = NDArray[np.int64]

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
BLOCK = 10_000
"""Samples whose targets are looked at at once."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The part that a split is taken from, and the numbers of its samples there, ascending."""

    part: str
    rows: Numbers


def draw(
    where: str, parts: Mapping[str, Part], seed: int, most: int | None = None
) -> dict[str, Chosen]:
    """The samples of each split, `most` of them in all.

    What the file splits stays split; a split that it lacks is drawn from train, or else
    from its largest part.
    """
    random = np.random.default_rng(seed)
    lender = "train" if "train" in parts else max(parts, key=lambda name: len(parts[name]))
    served: dict[str, list[str]] = {name: [] for name in parts}
    for split in SPLITS:
        served[split if split in parts else lender].append(split)
    found: dict[str, Chosen] = {}
    for name, splits in served.items():
        count = len(parts[name])
        if count < len(splits):
            what = "sample" if count == 1 else "samples"
            what += "" if name == WHOLE else f" for {name}"
            raise TooFewError(
                f"{where} has {count} {what}; {' and '.join(splits)} need one each, so at least "
                f"{len(splits)}: add samples"
            )
        shares = {split: SHARES[split] for split in splits}
        limit = count
        if most is not None:
            limit = min(count, max(len(splits), round(most * sum(shares.values()))))
        groups = _groups(parts[name], random, limit)
        for split, rows in _divided(groups, shares, random).items():
            found[split] = Chosen(name, rows)
    return {split: found[split] for split in SPLITS}


def strata(part: Part) -> Numbers | None:
    """A number for each sample's class (N,), or None where targets are no classes.

    One-hot rows count as classes, and whole numbers with three or more samples each on average.
    """
    rows = next(iter(part.y.values()), None)
    if rows is None or isinstance(rows, Files) or len(rows.shape) > 2:
        return None
    if len(rows.shape) == 2 and rows.shape[1] > 1:
        return _one_hot(rows)
    values = np.asarray(rows).reshape(-1)
    names, numbers = np.unique(values, return_inverse=True)
    if len(names) * 3 > len(values):
        return None
    return numbers.astype(np.int64)


def _one_hot(rows: NDArray[Any]) -> Numbers | None:
    found = np.empty(len(rows), np.int64)
    for start in range(0, len(rows), BLOCK):
        block = np.asarray(rows[start : start + BLOCK])
        if not (np.isin(block, (0, 1)).all() and (block.sum(axis=1) == 1).all()):
            return None
        found[start : start + BLOCK] = block.argmax(axis=1)
    return found


def _groups(part: Part, random: np.random.Generator, limit: int) -> list[Numbers]:
    """`limit` samples in random order, by class where there are classes."""
    classes = strata(part)
    count = len(part)
    if classes is not None:
        sizes = np.bincount(classes)
        if np.count_nonzero(sizes) * 3 <= limit:
            members = [np.flatnonzero(classes == number) for number in np.flatnonzero(sizes)]
            quotas = _quotas([len(each) for each in members], limit)
            return [
                random.choice(each, quota, replace=False)
                for each, quota in zip(members, quotas, strict=True)
            ]
    # Not a permutation of all: the samples may be many more than are wanted.
    return [random.choice(count, limit, replace=False)]


def _quotas(sizes: list[int], total: int) -> list[int]:
    """How many of each class are taken: its share, and at least one."""
    exact = [size * total / sum(sizes) for size in sizes]
    found = [max(1, int(share)) for share in exact]
    while sum(found) > total:
        found[found.index(max(found))] -= 1
    for index in sorted(range(len(sizes)), key=lambda index: found[index] - exact[index]):
        if sum(found) < total and found[index] < sizes[index]:
            found[index] += 1
    return found


def _divided(
    groups: list[Numbers], shares: Mapping[str, float], random: np.random.Generator
) -> dict[str, Numbers]:
    """Each group's samples over the splits: of three or more, each split has at least one."""
    first, *others = shares
    whole = sum(shares.values())
    found: dict[str, list[Numbers]] = {split: [] for split in shares}
    for group in groups:
        rest = random.permutation(group)
        for split in reversed(others):
            count = min(max(1, round(len(group) * shares[split] / whole)), len(rest) - 1)
            found[split].append(rest[:count])
            rest = rest[count:]
        found[first].append(rest)
    return {split: np.sort(np.concatenate(each)) for split, each in found.items()}
