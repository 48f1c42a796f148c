"""Paired timing on a clock that only the timed calls move: who runs when, what is concluded."""

import gc
import io
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from tinybench.timing import outcome, paired
from tinybench.timing.outcome import PairedTiming, Rules
from tinybench.timing.paired import MIN_ROUNDS, WARMUP_BLOCKS, time_pair
from tinybench.timing.stats import Interval


@dataclass
class Track:
    """A clock in seconds, and what moved it."""

    now: float = 0.0
    log: list[str] = field(default_factory=list)

    def clock(self) -> float:
        return self.now


@dataclass
class Runner:
    """A model of which one inference takes the next of `seconds`."""

    name: str
    track: Track
    seconds: Iterator[float]
    sha256: str = "0" * 64
    collects: list[bool] = field(default_factory=list)

    def load(self) -> tuple[Callable[[], object], object]:
        self.track.log.append(f"load {self.name}")
        return self.call, None

    def call(self) -> None:
        self.track.log.append(self.name)
        self.track.now += next(self.seconds)
        self.collects.append(gc.isenabled())


def runners(a: Iterator[float], b: Iterator[float]) -> tuple[Runner, Runner, Track]:
    track = Track()
    return Runner("a", track, a), Runner("b", track, b), track


def steady(a: float, b: float, rules: Rules | None = None) -> PairedTiming:
    """A paired timing of models that always take the same time."""
    first, second, track = runners(itertools.repeat(a), itertools.repeat(b))
    return time_pair(first, second, rules, clock=track.clock)


def test_interleaving() -> None:
    """A block is A B B A and the next B A A B, equally many calls of each.

    A round loads both anew twice, once with each of them first; in which order is drawn.
    """
    a, b, track = runners(itertools.repeat(1e-5), itertools.repeat(1e-5))

    found = time_pair(a, b, clock=track.clock)

    assert found.iterations == 5
    abba, baab = (["a", "b", "b", "a"], ["b", "a", "a", "b"])
    even, odd = (
        [name for name in order * ((found.blocks + WARMUP_BLOCKS) // 2) for _ in range(5)]
        for order in (abba + baab, baab + abba)
    )
    even, odd = (["load a", "load b", *even], ["load b", "load a", *odd])
    # What stands before is how many calls fill a sample.
    log = track.log[-2 * found.rounds * len(even) :]
    both = 2 * len(even)
    rounds = [log[start : start + both] for start in range(0, len(log), both)]
    assert all(each in (even + odd, odd + even) for each in rounds)
    assert even + odd in rounds
    assert odd + even in rounds
    assert found.blocks % 2 == 0


@dataclass
class Session:
    """A loaded model that tells when it is let go."""

    track: Track

    def __del__(self) -> None:
        self.track.log.append("gone")


class Mortal(Runner):
    def load(self) -> tuple[Callable[[], object], object]:
        call, _ = super().load()
        return call, Session(self.track)


def test_both_are_let_go_before_either_is_loaded() -> None:
    """Else each model could find the place that it just left, in every round."""
    track = Track()
    a, b = (Mortal(name, track, itertools.repeat(1e-5)) for name in "ab")

    time_pair(a, b, clock=track.clock)

    events = [entry for entry in track.log if "load" in entry or entry == "gone"]
    assert [event[:4] for event in events[4:]] == ["load", "load", "gone", "gone"] * (
        2 * MIN_ROUNDS
    )


def test_warm_up_is_not_kept() -> None:
    found = steady(1e-5, 1e-5)

    assert found.samples.shape == (found.rounds, 2, found.blocks, 2, 2)
    assert found.rounds == MIN_ROUNDS


def test_samples_keep_their_side() -> None:
    """Both of A's times stand before both of B's, whatever the order they were taken in."""
    found = steady(1e-5, 2e-5)

    assert np.allclose(found.samples[..., 0, :], found.iterations * 1e-5)
    assert np.allclose(found.samples[..., 1, :], found.iterations * 2e-5)
    assert found.medians_us == pytest.approx((10, 20))


@pytest.mark.parametrize(("seconds", "iterations"), [(1e-6, 50), (2.5e-5, 2), (1e-3, 1), (0.2, 1)])
def test_a_sample_fills_its_time(seconds: float, iterations: int) -> None:
    """Fifty microseconds, or a single call that takes longer."""
    found = steady(seconds, seconds, Rules(seconds=1e3))

    assert found.iterations == iterations
    assert 2 <= found.blocks <= 16


def test_interrupted_calibration() -> None:
    """One slow call at the start does not make samples short."""
    a = itertools.chain([1.0, 1e-6, 1.0], itertools.repeat(1e-6))
    first, second, track = runners(a, itertools.repeat(1e-6))

    assert time_pair(first, second, clock=track.clock).iterations == 50


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (1.05, "regressed"),
        (1.021, "regressed"),
        (1.019, "within noise"),
        (1.0, "no change"),
        (0.981, "within noise"),
        (0.979, "improved"),
        (0.5, "improved"),
    ],
)
def test_verdict(ratio: float, verdict: str) -> None:
    """Above 1, the second is slower; changes up to 2 % are noise."""
    assert steady(1e-5, ratio * 1e-5).verdict == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.021, 1.05, "regressed"),
        (1.02, 1.05, "undecided"),
        (1.01, 1.03, "undecided"),
        (1.001, 1.019, "within noise"),
        (0.99, 1.01, "no change"),
        (0.97, 1.03, "undecided"),
        (0.981, 0.999, "within noise"),
        (0.95, 0.98, "undecided"),
        (0.95, 0.979, "improved"),
    ],
)
def test_judging_an_interval(low: float, high: float, verdict: str) -> None:
    """A change counts only if the whole interval lies beyond the threshold."""
    assert Rules().judge(Interval(low, (low + high) / 2, high)) == verdict


def test_threshold_is_a_choice() -> None:
    assert steady(1e-5, 1.05e-5, Rules(threshold=0.1)).verdict == "within noise"


def jittered(seed: int, mean: float, deviation: float) -> Iterator[float]:
    random = np.random.default_rng(seed)
    while True:
        yield mean * max(0.1, random.normal(1, deviation))


def test_rounds_until_the_interval_is_narrow() -> None:
    """More noise takes more rounds; either way the interval is as narrow as the threshold."""
    found = []
    for deviation in (0.01, 0.3):
        a, b, track = runners(jittered(1, 1e-4, deviation), jittered(2, 1e-4, deviation))
        found.append(time_pair(a, b, Rules(seconds=1e3), clock=track.clock))

    quiet, loud = found
    assert quiet.rounds == MIN_ROUNDS
    assert loud.rounds > quiet.rounds
    assert loud.ratio.width <= 0.02 * loud.ratio.value
    assert loud.verdict in ("no change", "within noise", "undecided")


def test_time_limit() -> None:
    """What could not be found out in time is undecided, and the samples are there."""
    a, b, track = runners(jittered(1, 1e-4, 0.6), jittered(2, 1e-4, 0.6))

    found = time_pair(a, b, Rules(threshold=0.001, seconds=0.5), clock=track.clock)

    assert found.verdict == "undecided"
    assert 0.5 <= found.seconds < 0.6
    assert len(found.samples) == found.rounds


def test_few_rounds_decide_nothing() -> None:
    """However large the difference looks."""
    found = steady(0.1, 0.3, Rules(seconds=5))

    assert found.rounds < MIN_ROUNDS
    assert found.ratio.low > 2
    assert found.verdict == "undecided"


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collector_is_off_and_then_as_before(enabled: bool) -> None:
    a, b, track = runners(itertools.repeat(1e-5), itertools.repeat(1e-5))
    (gc.enable if enabled else gc.disable)()
    try:
        time_pair(a, b, clock=track.clock)
        after = gc.isenabled()
    finally:
        gc.enable()

    assert after is enabled
    assert not any(a.collects + b.collects)


def test_outliers_are_counted_and_kept() -> None:
    """One call in a thousand is interrupted: the verdict does not see it, the counts do."""
    # Powers of two: the clock's sums are exact.
    a = (2**-10 if index % 1000 == 0 else 2**-20 for index in itertools.count(1))
    first, second, track = runners(a, itertools.repeat(2**-20))

    found = time_pair(first, second, clock=track.clock)

    assert found.verdict == "no change"
    of_a, of_b = found.outliers
    assert of_a.severe > 0
    assert of_b.total == 0
    assert found.samples.max() > 2**-10


def test_archive() -> None:
    """The raw samples can be read without this package, with all that was concluded from them."""
    found = steady(1e-5, 1.1e-5)

    with np.load(io.BytesIO(found.to_npz()), allow_pickle=False) as archive:
        samples, about = archive["samples"], json.loads(str(archive["about"]))

    assert np.array_equal(samples, found.samples)
    assert about["verdict"] == "regressed"
    assert about["ratio"]["value"] == pytest.approx(1.1)
    assert about["sides"][1]["name"] == "b"
    assert about["iterations"] == found.iterations
    assert set(about["conditions"]) >= {"load", "governors", "share", "other", "spread"}


def test_summary() -> None:
    text = outcome.summary(steady(1e-5, 1.05e-5))

    assert text == ("regressed: +5.00 % time, 99 % interval +5.00 to +5.00 %; noise threshold ±2 %")


def test_progress_ends_at_its_total() -> None:
    a, b, track = runners(itertools.repeat(1e-5), itertools.repeat(1e-5))
    seen: list[tuple[int, int]] = []

    paired.time_pair(
        a, b, clock=track.clock, progress=lambda done, total: seen.append((done, total))
    )

    assert seen[-1] == (30, 30)
