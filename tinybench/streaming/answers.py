"""What a pipeline answers, wherever it ran, and how two of them compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Found:
    """A word or gesture: when it was decided on, in ms from the start, and its score in 256ths."""

    time_ms: int
    label: str
    score: int


@dataclass(frozen=True, slots=True)
class Answers:
    """All that came out of a recording.

    `inputs` are the features (frames, 40) or the input codes (readings, 3); `scores` (inferences,
    labels) are in 256ths; a row of `decisions` is time in ms, label (-1: none), score, and 1 if it
    was news.
    """

    inputs: NDArray[Any]
    scores: NDArray[np.uint8]
    decisions: NDArray[np.int64]

    def found(self, labels: tuple[str, ...], nothing: str) -> list[Found]:
        """The news, but for the label that stands for nothing."""
        rows = [row for row in self.decisions.tolist() if row[3] and labels[row[1]] != nothing]
        return [Found(time, labels[label], score) for time, label, score, _ in rows]

    def differences(self, other: Answers) -> dict[str, int]:
        """How many rows of each kind are not the same in the other."""
        kinds = ("inputs", "scores", "decisions")
        return {kind: _different(getattr(self, kind), getattr(other, kind)) for kind in kinds}


def _different(one: NDArray[Any], other: NDArray[Any]) -> int:
    common = min(len(one), len(other))
    rows = (one[:common] != other[:common]).reshape(common, -1).any(axis=1)
    return int(rows.sum()) + abs(len(one) - len(other))
