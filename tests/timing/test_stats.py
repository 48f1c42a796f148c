"""The statistics of timing, on synthetic samples whose answer is known."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tinybench.timing import stats

if TYPE_CHECKING:
    from tinybench.timing.stats import Times


def noisy(ratio: float, *, seed: int = 1, rounds: int = 60, blocks: int = 16) -> "Times":
    """Samples of two models whose true ratio is known: layouts, jitter, interruptions, drift."""
    random = np.random.default_rng(seed)
    shape = rounds, 2, blocks, 2, 2
    layout = random.normal(1, 0.015, (rounds, 2, 1, 2, 1))
    jitter = random.normal(1, 0.02, shape)
    interrupted = 1 + 50 * (random.random(shape) < 0.03)
    # A neighbour on the same core makes everything slower, for some rounds.
    neighbour = random.choice([1.0, 1.6], (rounds, 2, 1, 1, 1))
    samples: Times = 5e-5 * layout * jitter * interrupted * neighbour
    samples[..., 1, :] *= ratio
    return samples


@pytest.mark.parametrize("ratio", [0.9, 1.0, 1.05, 3.0])
def test_ratio_is_found(ratio: float) -> None:
    """Interruptions and busy neighbours move neither the estimate nor the interval far."""
    found = stats.ratio(noisy(ratio), confidence=0.99)

    assert found.low < ratio < found.high
    assert found.low < found.value < found.high
    assert found.value == pytest.approx(ratio, rel=0.015)


def test_ratio_is_repeatable() -> None:
    """The same samples and seed give the same interval; another seed hardly another."""
    samples = noisy(1.0)

    first, second, other = (stats.ratio(samples, 0.99, seed) for seed in (3, 3, 4))

    assert first == second
    assert other != first
    assert other.value == first.value
    assert other.low == pytest.approx(first.low, abs=0.003)


def test_coverage() -> None:
    """Of many experiments, about as many intervals as promised hold the true ratio."""
    held = sum(
        found.low <= 1.05 <= found.high
        for seed in range(100)
        for found in [stats.ratio(noisy(1.05, seed=seed, rounds=40, blocks=4), 0.95)]
    )

    # A binomial count of 100 at 0.95 is lower once in a thousand.
    assert held >= 88


def test_rounds_are_drawn_not_blocks() -> None:
    """More blocks of the same loadings are no reason to be surer."""
    few, many = (
        stats.ratio(np.repeat(noisy(1.0, blocks=4), times, axis=2), 0.99) for times in (1, 50)
    )

    assert many == few


def test_steady_drift_cancels() -> None:
    """A clock that slows down steadily hits A and B of a block alike."""
    # In the order in which they are timed: A, B, B, A.
    a1, b1, b2, a2 = np.linspace(1.0, 1.3, 4)
    samples = np.array([[[a1, a2], [b1, b2]]] * 6).reshape(3, 2, 1, 2, 2)

    assert stats.ratio(samples, 0.99) == stats.Interval(1.0, 1.0, 1.0)


def test_being_loaded_first_cancels() -> None:
    """Whoever is loaded first is faster by 6 %: no loading's ratio is right, every round's is."""
    samples = np.ones((20, 2, 4, 2, 2))
    samples[:, 0, :, 1] *= 1.06
    samples[:, 1, :, 0] *= 1.06

    found = stats.ratio(samples, 0.99)

    assert found.low == pytest.approx(1)
    assert found.high == pytest.approx(1)


def test_exact_samples_have_no_width() -> None:
    samples = np.full((24, 2, 2, 2, 2), 2.0)
    samples[..., 1, :] = 2.5

    found = stats.ratio(samples, 0.99)

    assert found == stats.Interval(1.25, 1.25, 1.25)
    assert found.width == 0


def test_more_rounds_narrow_the_interval() -> None:
    widths = [stats.ratio(noisy(1.0, rounds=rounds), 0.99).width for rounds in (12, 48, 400)]

    assert widths == sorted(widths, reverse=True)


def test_higher_confidence_widens_the_interval() -> None:
    values = stats.round_ratios(noisy(1.0))

    narrow, wide = (stats.median_interval(values, confidence) for confidence in (0.9, 0.999))

    assert wide.low < narrow.low < narrow.high < wide.high


def test_no_values() -> None:
    with pytest.raises(ValueError, match="at least one"):
        stats.median_interval(np.array([]), 0.99)


def test_outliers_by_tukeys_fences() -> None:
    """Quartiles 25 and 75: the inner fences are -50 and 150, the outer ones -125 and 225."""
    values = np.array([*range(101), -51, -125, 151, 225, 226, -126], dtype=float)
    # The six outliers move the quartiles by 1.5 at most; the fences are tested around that.
    first, third = np.quantile(values, [0.25, 0.75])
    assert (first, third) == (23.5, 76.5)

    found = stats.outliers(values)

    # Inner fences: -56 and 156. Outer fences: -135.5 and 235.5.
    assert found == stats.Outliers(samples=107, mild=4, severe=0)
    assert stats.outliers(np.append(values, 1000.0)).severe == 1


def test_outliers_of_equal_values() -> None:
    """Where the quartiles are equal, whatever differs is severe."""
    found = stats.outliers(np.array([1.0] * 99 + [1.1]))

    assert found == stats.Outliers(samples=100, mild=0, severe=1)
    assert found.total == 1


def test_spread() -> None:
    assert stats.spread(np.arange(101.0)) == 1.0
