"""Timing two models against each other so that the difference can be believed.

Between processes the median time of identical code moves by a tenth and more, so times of two
runs decide nothing. Here one process times both, and what disturbs one disturbs the other:

- a sample is as many calls as fill 50 µs, short enough that few are interrupted;
- a block is four samples, A B B A and in every other block B A A B, and gives one ratio;
- a round loads both models anew, in alternating order, because where they lie in memory counts
  (Mytkowicz et al., Producing Wrong Data Without Doing Anything Obviously Wrong, 2009), warms
  them up, and times a few blocks;
- there are rounds until the bootstrap interval of the median ratio is no wider than the noise
  threshold, or until the time is up. Only the width stops a duel, never the verdict: stopping as
  soon as a difference shows would find one where there is none.

One thread, input buffers set once a round, garbage collector off. No sample is thrown away.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from tinybench import hashing, stats
from tinybench.conditions import Conditions, Watch
from tinybench.progress import Progress, silent
from tinybench.stats import Interval, Outliers
from tinybench.store import write_atomically

if TYPE_CHECKING:
    from tinybench.stats import Times

Verdict = Literal["improved", "regressed", "no change", "within noise", "undecided"]
Call = Callable[[], object]

SAMPLE_SECONDS = 5e-5
ROUND_SECONDS = 5e-3
"""Both models are loaded anew after about this; a round has between 2 and 16 blocks."""
WARMUP_BLOCKS = 2
MIN_ROUNDS = 24
"""Fewer medians give no interval worth its name."""
CHECK_EVERY = 8
CALIBRATIONS = 5


class Contestant(Protocol):
    """One side of a duel."""

    @property
    def name(self) -> str: ...

    @property
    def sha256(self) -> str:
        """Of the file that is timed."""

    def load(self) -> Call:
        """Load the model anew and return one inference, its buffers set."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When a difference counts, and how long to look for one.

    A ratio within `threshold` of 1 is noise. `confidence` is high because a suite holds many duels;
    `seconds` limits one of them. `seed` is the bootstrap's.
    """

    threshold: float = 0.02
    confidence: float = 0.99
    seconds: float = 30.0
    seed: int = 0

    def judge(self, ratio: Interval) -> Verdict:
        """The verdict on B's time divided by A's.

        A change counts only if the whole interval lies beyond the threshold, and its absence only
        if the whole interval lies within it.
        """
        least, most = 1 - self.threshold, 1 + self.threshold
        if ratio.low > most:
            return "regressed"
        if ratio.high < least:
            return "improved"
        if ratio.low < least or ratio.high > most:
            return "undecided"
        return "no change" if ratio.low <= 1 <= ratio.high else "within noise"


@dataclass(frozen=True, slots=True)
class Duel:
    """What came out.

    `samples` is an array (rounds, blocks, 2, 2) in seconds, as `tinybench.stats` describes; each
    is the time of `iterations` calls. `seconds` is what the whole duel took.
    """

    a: str
    b: str
    sha256: tuple[str, str]
    rules: Rules
    ratio: Interval
    verdict: Verdict
    samples: Times
    iterations: int
    seconds: float
    conditions: Conditions

    @property
    def rounds(self) -> int:
        return len(self.samples)

    @property
    def blocks(self) -> int:
        """Blocks of a round."""
        return int(self.samples.shape[1])

    @property
    def medians_us(self) -> tuple[float, float]:
        """Median time of one call of A and of B, in µs."""
        found = np.median(self.samples, axis=(0, 1, 3)) / self.iterations * 1e6
        return float(found[0]), float(found[1])

    @property
    def outliers(self) -> tuple[Outliers, Outliers]:
        """Outliers among the samples of A and of B."""
        return stats.outliers(self.samples[:, :, 0]), stats.outliers(self.samples[:, :, 1])

    def to_dict(self) -> dict[str, object]:
        """Everything but the samples, JSON-able."""
        sides = zip((self.a, self.b), self.sha256, self.medians_us, self.outliers, strict=True)
        return {
            "verdict": self.verdict,
            "ratio": asdict(self.ratio),
            "rules": asdict(self.rules),
            "sides": [
                {"name": name, "sha256": sha256, "median_us": median, "outliers": asdict(outliers)}
                for name, sha256, median, outliers in sides
            ],
            "rounds": self.rounds,
            "blocks": self.blocks,
            "iterations": self.iterations,
            "seconds": self.seconds,
            "conditions": asdict(self.conditions),
            "advice": self.conditions.advice(),
        }

    def to_npz(self) -> bytes:
        """A NumPy archive: `samples` in seconds, and `about`, JSON of everything else."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, samples=self.samples, about=json.dumps(self.to_dict()))
        return buffer.getvalue()


def fight(
    a: Contestant,
    b: Contestant,
    rules: Rules | None = None,
    *,
    clock: Callable[[], float] = time.perf_counter,
    progress: Progress = silent,
) -> Duel:
    """Time A and B until the ratio is known as exactly as `rules` ask for, or the time is up.

    The ratio is B's time divided by A's: above 1, B is slower. `clock` gives seconds.
    """
    rules = rules or Rules()
    watch, start, limit = Watch(), clock(), math.ceil(rules.seconds)
    rounds: list[list[tuple[float, float, float, float]]] = []
    with _undisturbed():
        iterations, blocks = _plan(a.load(), b.load(), clock)
        while True:
            rounds.append(_round(a, b, len(rounds) % 2, iterations, blocks, clock))
            spent = clock() - start
            late = spent >= rules.seconds
            if late or (len(rounds) >= MIN_ROUNDS and len(rounds) % CHECK_EVERY == 0):
                samples = np.array(rounds).reshape(len(rounds), blocks, 2, 2)
                ratio = stats.ratio(samples, rules.confidence, rules.seed)
                progress(min(int(spent), limit), limit)
                if late or ratio.width <= rules.threshold * ratio.value:
                    break
    few = len(rounds) < MIN_ROUNDS
    progress(limit, limit)
    return Duel(
        a=a.name,
        b=b.name,
        sha256=(a.sha256, b.sha256),
        rules=rules,
        ratio=ratio,
        verdict="undecided" if few else rules.judge(ratio),
        samples=samples,
        iterations=iterations,
        seconds=clock() - start,
        conditions=watch.conditions(max(stats.spread(samples[:, :, side]) for side in (0, 1))),
    )


def summary(found: Duel) -> str:
    """The verdict with its numbers, in one line without names."""
    ratio, rules = found.ratio, found.rules
    return (
        f"{found.verdict}: {(ratio.value - 1) * 100:+.2f} % time, {rules.confidence * 100:g} % interval "
        f"{(ratio.low - 1) * 100:+.2f} to {(ratio.high - 1) * 100:+.2f} %; "
        f"noise threshold ±{rules.threshold * 100:g} %"
    )


def effort(found: Duel) -> str:
    """How much was timed, in one line."""
    return (
        f"{found.rounds} rounds of {found.blocks} ABBA blocks, {found.iterations} calls a sample, "
        f"{found.seconds:.1f} s"
    )


def keep(found: Duel, cache: Path, name: str) -> Path:
    """Write the samples below the cache, under a name of its own, and return the file."""
    data = found.to_npz()
    when = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    path = cache / "duels" / f"{name}-{when}-{hashing.of_bytes(data)[:8]}.npz"
    write_atomically(path, data)
    return path


def _round(
    a: Contestant,
    b: Contestant,
    turn: int,
    iterations: int,
    blocks: int,
    clock: Callable[[], float],
) -> list[tuple[float, float, float, float]]:
    """Load both, and the times of each block as (A, A, B, B); `turn` says who comes first."""
    if turn:
        call_b, call_a = b.load(), a.load()
    else:
        call_a, call_b = a.load(), b.load()
    found = []
    for index in range(-WARMUP_BLOCKS, blocks):
        if (index + turn) % 2:
            b1, a1, a2, b2 = (
                _sample(call, iterations, clock) for call in (call_b, call_a, call_a, call_b)
            )
        else:
            a1, b1, b2, a2 = (
                _sample(call, iterations, clock) for call in (call_a, call_b, call_b, call_a)
            )
        if index >= 0:
            found.append((a1, a2, b1, b2))
    return found


def _sample(call: Call, iterations: int, clock: Callable[[], float]) -> float:
    repeat = range(iterations)
    start = clock()
    for _ in repeat:
        call()
    return clock() - start


def _plan(a: Call, b: Call, clock: Callable[[], float]) -> tuple[int, int]:
    """Calls of a sample, the same for both, and blocks of a round."""
    seconds = (_seconds_of(a, clock) + _seconds_of(b, clock)) / 2
    iterations = max(1, round(SAMPLE_SECONDS / seconds))
    blocks = int(ROUND_SECONDS / (4 * iterations * seconds))
    return iterations, min(16, max(2, blocks - blocks % 2))


def _seconds_of(call: Call, clock: Callable[[], float]) -> float:
    """The shortest time of a call: what interrupts it makes it longer, never shorter."""
    call()
    count = 1
    while True:
        least = min(_sample(call, count, clock) for _ in range(CALIBRATIONS))
        if least >= SAMPLE_SECONDS / 2:
            return least / count
        count *= 2


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector, which would run in the middle of a sample."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
