"""What came out of a paired timing, and when a difference counts."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from tinybench.storage import hashing
from tinybench.storage.store import write_atomically
from tinybench.timing import stats
from tinybench.timing.conditions import Conditions
from tinybench.timing.stats import Interval, Outliers

if TYPE_CHECKING:
    from tinybench.timing.stats import Times

Verdict = Literal["improved", "regressed", "no change", "within noise", "undecided"]


@dataclass(frozen=True, slots=True)
class Rules:
    """When a difference counts, and how long to look for one.

    A ratio within `threshold` of 1 is noise. `confidence` is high because a suite has many timings;
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
class PairedTiming:
    """What came out.

    `samples` is an array (rounds, 2, blocks, 2, 2) in seconds (see `tinybench.timing.stats`); each
    is the time of `iterations` calls. `seconds` is what the whole paired timing took.
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
        """Blocks of a loading, of which a round has two."""
        return int(self.samples.shape[2])

    @property
    def medians_us(self) -> tuple[float, float]:
        """Median time of one call of A and of B, in µs."""
        found = np.median(self.samples, axis=(0, 1, 2, 4)) / self.iterations * 1e6
        return float(found[0]), float(found[1])

    @property
    def outliers(self) -> tuple[Outliers, Outliers]:
        """Outliers among the samples of A and of B."""
        of_a, of_b = (stats.outliers(self.samples[..., side, :]) for side in (0, 1))
        return of_a, of_b

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


def summary(found: PairedTiming) -> str:
    """The verdict with its numbers, in one line without names."""
    ratio, rules = found.ratio, found.rules
    return (
        f"{found.verdict}: {(ratio.value - 1) * 100:+.2f} % time, {rules.confidence * 100:g} % "
        f"interval {(ratio.low - 1) * 100:+.2f} to {(ratio.high - 1) * 100:+.2f} %; "
        f"noise threshold ±{rules.threshold * 100:g} %"
    )


def effort(found: PairedTiming) -> str:
    """How much was timed, in one line."""
    return (
        f"{found.rounds} rounds of 2 × {found.blocks} ABBA blocks, {found.iterations} calls a "
        f"sample, {found.seconds:.1f} s"
    )


def keep(found: PairedTiming, cache: Path, name: str) -> Path:
    """Write the samples below the cache, under a name of its own, and return the file."""
    data = found.to_npz()
    when = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    path = cache / "timings" / f"{name}-{when}-{hashing.of_bytes(data)[:8]}.npz"
    write_atomically(path, data)
    return path
