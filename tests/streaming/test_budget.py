"""Whether a pipeline keeps up: the share of the processor, and the longest gap."""

from __future__ import annotations

import pytest

from tinybench.streaming.budget import Span, budget
from tinybench.streaming.player import Stage


def stages(front: Span | None, net: Span | None) -> list[Stage]:
    """50 inputs a second, and a net at every fifth."""
    return [
        Stage("front end", 1, 50, cycles=20_000, milliseconds=front),
        Stage("net", 1, 10, cycles=400_000, milliseconds=net),
    ]


@pytest.mark.parametrize(
    ("front", "net", "verdict", "waiting"),
    [
        ((1.0, 2.0), (10.0, 20.0), "keeps up", 2),
        ((1.0, 2.0), (10.0, 18.0), "keeps up", 1),
        ((10.0, 10.0), (40.0, 50.0), "keeps up", 3),
        ((10.0, 10.0), (40.0, 51.0), "may not keep up", 4),
        ((10.0, 10.0), (50.1, 51.0), "does not keep up", 4),
    ],
)
def test_verdict(front: Span, net: Span, verdict: str, waiting: int) -> None:
    """By the share of the processor; a long net only makes inputs wait."""
    found = budget(stages(front, net))

    assert found
    assert (found.verdict, found.waiting) == (verdict, waiting)
    assert found.gap_ms == (front[0] + net[0], front[1] + net[1])
    assert found.share == pytest.approx(tuple((50 * front[i] + 10 * net[i]) / 1000 for i in (0, 1)))


def test_without_milliseconds_the_clock_is_told() -> None:
    found = budget(stages(None, None))

    assert found
    assert found.least_hz == 50 * 20_000 + 10 * 400_000
    assert (found.verdict, found.share, found.waiting) == (None, None, None)


@pytest.mark.parametrize(("clock", "verdict"), [(4_999_999, "does not keep up"), (5_000_000, None)])
def test_a_clock_too_slow_for_any_memory(clock: int, verdict: str | None) -> None:
    """What never waits is the least: beyond it the memory decides, which is not known."""
    found = budget(stages(None, None), clock)

    assert found
    assert found.verdict == verdict


def test_without_cycles_there_is_none() -> None:
    assert budget([Stage("front end", 1, 50), Stage("net", 1, 10, cycles=4)]) is None
