"""Whether a board keeps up with its microphone or sensor; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Span: TypeAlias = tuple[float, float]
"""The least and the most."""


class Timed(Protocol):
    """A stage: what one run takes, and how often it runs."""

    @property
    def per_second(self) -> float: ...

    @property
    def cycles(self) -> int | None: ...

    @property
    def milliseconds(self) -> Span | None: ...


@dataclass(frozen=True, slots=True)
class Budget:
    """What a pipeline leaves of a processor.

    `least_hz` is the clock that it needs with memory that never waits. Where milliseconds are
    known, `share` is the part of the processor's time, `gap_ms` the longest time until the next
    input is taken, which is that of an input at which the net runs, and `period_ms` the time from
    one input to the next.
    """

    least_hz: float
    period_ms: float
    share: Span | None
    gap_ms: Span | None
    clock_hz: int | None = None

    @property
    def verdict(self) -> str | None:
        """None where there are no milliseconds, unless the clock is too slow for any memory."""
        if self.share is None:
            return "does not keep up" if self.least_hz > (self.clock_hz or math.inf) else None
        least, most = self.share
        if most <= 1:
            return "keeps up"
        return "does not keep up" if least > 1 else "may not keep up"

    @property
    def waiting(self) -> int | None:
        """Inputs that arrive meanwhile at most and must be held for it."""
        return math.ceil(self.gap_ms[1] / self.period_ms) if self.gap_ms else None


def budget(stages: Sequence[Timed], clock_hz: int | None = None) -> Budget | None:
    """Of stages that do not contain each other, the most frequent first; None without cycles."""
    cycles = [(stage.cycles, stage.per_second) for stage in stages if stage.cycles is not None]
    if len(cycles) < len(stages):
        return None
    times = [(it.milliseconds, it.per_second) for it in stages if it.milliseconds is not None]
    known = len(times) == len(stages)
    share = [sum(ms[end] * often for ms, often in times) / 1000 for end in (0, 1)]
    gap = [sum(ms[end] for ms, _ in times) for end in (0, 1)]
    return Budget(
        least_hz=sum(each * often for each, often in cycles),
        period_ms=1000 / stages[0].per_second,
        share=(share[0], share[1]) if known else None,
        gap_ms=(gap[0], gap[1]) if known else None,
        clock_hz=clock_hz,
    )
