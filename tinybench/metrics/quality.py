"""How good predictions are: errors against labels, against the truth, against another variant.

Classifiers are judged by the class of the largest output; of equal ones the first counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def errors(predicted: NDArray[Any], expected: NDArray[Any]) -> tuple[float, float, float]:
    """Mean squared, mean absolute and largest absolute error, in float64."""
    if predicted.shape != expected.shape:
        raise ValueError(f"predictions have shape {predicted.shape}, targets {expected.shape}")
    difference = predicted.astype(np.float64) - expected.astype(np.float64)
    magnitude = np.abs(difference)
    return float(np.mean(difference**2)), float(np.mean(magnitude)), float(np.max(magnitude))


def regression(
    predicted: NDArray[Any], expected: NDArray[Any], truth: NDArray[Any] | None = None
) -> dict[str, float]:
    """`mse`, `mae` and `max_error` against the labels and, where known, the noise-free function."""
    found = dict(zip(("mse", "mae", "max_error"), errors(predicted, expected), strict=True))
    if truth is not None:
        names = ("mse_true", "mae_true", "max_error_true")
        found |= zip(names, errors(predicted, truth), strict=True)
    return found


NORMAL_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def classes(scores: NDArray[Any]) -> NDArray[np.int64]:
    """The class (N,) of each row of scores or one-hot targets (N, classes)."""
    found: NDArray[np.int64] = np.argmax(scores.reshape(len(scores), -1), axis=1)
    return found


def shares(table: NDArray[np.int64], labels: Sequence[str]) -> dict[str, float]:
    """`accuracy` with its 95 % interval, and `recall_<label>` of each class that has samples.

    `table` has counts (classes, classes), as `confusion` gives them.
    """
    right, total = int(np.trace(table)), int(table.sum())
    found: dict[str, float] = {"accuracy": right / total}
    found["accuracy_low"], found["accuracy_high"] = interval(right, total)
    for index, label in enumerate(labels):
        if samples := int(table[index].sum()):
            found[f"recall_{label}"] = int(table[index, index]) / samples
    return found


def detection(said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> dict[str, float]:
    """`precision`, `recall` and `f1` (N, labels): means over the labels that any sample has.

    Where none is found the precision is 0.
    """
    there = truth.any(axis=0)
    if not there.any():
        return {}
    hits = np.sum(said & truth, axis=0)[there]
    found, real = said.sum(axis=0)[there], truth.sum(axis=0)[there]
    return {
        "precision": float(np.mean(hits / np.maximum(found, 1))),
        "recall": float(np.mean(hits / real)),
        "f1": float(np.mean(2 * hits / (found + real))),
    }


def confusion(found: NDArray[np.int64], true: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Counts (classes, classes) of classes (N,): rows are the true one, columns the one found."""
    pairs = true * count + found
    return np.bincount(pairs, minlength=count * count).reshape(count, count).astype(np.int64)


def agreement(predicted: NDArray[Any], expected: NDArray[Any]) -> float:
    """The share of samples for which two sets of scores (N, classes) name the same class."""
    return float(np.mean(classes(predicted) == classes(expected)))


def interval(right: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % score interval of a proportion (E. B. Wilson, JASA 22, 1927)."""
    share, square = right / total, NORMAL_95**2
    middle = share + square / (2 * total)
    reach = NORMAL_95 * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    low, high = ((middle + sign * reach) / (1 + square / total) for sign in (-1, 1))
    # Exact at the ends, where rounding would leave them.
    return (low if right else 0.0), (high if right < total else 1.0)


def area_under_curve(scores: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: the chance that a positive sample scores above a negative one.

    Equal scores count half (Mann and Whitney's U). `scores` and `positive` have shape (N,).
    """
    yes, no = np.sort(scores[positive]), np.sort(scores[~positive])
    below = np.searchsorted(no, yes, side="left").sum(dtype=np.int64)
    not_above = np.searchsorted(no, yes, side="right").sum(dtype=np.int64)
    return float((below + not_above) / (2 * len(yes) * len(no)))
