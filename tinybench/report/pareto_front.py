"""Which variants no other beats: the Pareto front of quality and costs."""

from __future__ import annotations

from collections.abc import Sequence


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether a point is nowhere worse (larger) than another, and somewhere better."""
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def front(points: Sequence[Sequence[float]]) -> list[bool]:
    """Of each point, whether no other dominates it; of equal points all are on the front."""
    return [not any(dominates(other, point) for other in points) for point in points]
