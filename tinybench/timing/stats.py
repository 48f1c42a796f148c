"""Statistics of timing in pairs: the median ratio with a bootstrap interval, and outliers.

Pure NumPy, seeded: the same samples give the same numbers.

Samples of two models are an array (rounds, 2, blocks, 2, 2) of times. A block is A, B, B, A timed
one right after the other, kept as [[first A, second A], [first B, second B]]: what drifts steadily
cancels in its ratio, and what disturbs one sample costs one block. The blocks of one loading of
both models share the models' addresses, which alone can make one of two identical models 4 %
slower. A round is two loadings, in the first of which A was loaded first, in the second B: it was
seen that the model loaded first is faster by 5 %, which cancels in a round. So rounds are what is
drawn again, not blocks nor samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Times: TypeAlias = NDArray[np.float64]

RESAMPLES = 4000
MILD, SEVERE = 1.5, 3.0


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate between the ends of its confidence interval."""

    low: float
    value: float
    high: float

    @property
    def width(self) -> float:
        """The distance between the ends."""
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Outliers:
    """How many of `samples` lie outside Tukey's inner fences, and how many of these are severe."""

    samples: int
    mild: int
    severe: int

    @property
    def total(self) -> int:
        """Mild and severe ones."""
        return self.mild + self.severe


def round_ratios(samples: Times) -> Times:
    """B's time divided by A's in each round, shape (rounds,).

    It is the geometric mean over its two loadings of the median over the loading's blocks.
    """
    sums = samples.sum(axis=4)
    loadings = np.median(sums[..., 1] / sums[..., 0], axis=2)
    ratios: Times = np.sqrt(loadings.prod(axis=1))
    return ratios


def ratio(samples: Times, confidence: float, seed: int = 0) -> Interval:
    """B's time divided by A's: the median over rounds, with its bootstrap interval."""
    return median_interval(round_ratios(samples), confidence, seed)


def median_interval(values: Times, confidence: float, seed: int = 0) -> Interval:
    """The median of independent values, shape (N,), and its percentile bootstrap interval.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3: the
    quantiles of the medians of samples drawn from the values with replacement.
    """
    if not len(values):
        raise ValueError("no values: a median takes at least one")
    random = np.random.default_rng(seed)
    drawn = random.integers(0, len(values), (RESAMPLES, len(values)))
    medians = np.median(values[drawn], axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(medians, [tail, 1 - tail])
    return Interval(float(low), float(np.median(values)), float(high))


def outliers(values: NDArray[Any]) -> Outliers:
    """Count values more than 1.5 (mild) or 3 (severe) interquartile ranges beyond the quartiles.

    They are counted, never removed. Source: Tukey, Exploratory Data Analysis (1977), section 2E.
    """
    first, third = np.quantile(values, [0.25, 0.75])
    beyond = np.maximum(first - values, values - third)
    reach = third - first
    severe = int(np.count_nonzero(beyond > SEVERE * reach))
    return Outliers(values.size, int(np.count_nonzero(beyond > MILD * reach)) - severe, severe)


def spread(values: NDArray[Any]) -> float:
    """The interquartile range as a part of the median."""
    first, middle, third = np.quantile(values, [0.25, 0.5, 0.75])
    return float((third - first) / middle)
