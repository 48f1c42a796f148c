"""What is beaten by nothing."""

from __future__ import annotations

import pytest

from tinybench.report.pareto_front import dominates, front


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((1, 1), (2, 2), True),
        ((1, 2), (2, 2), True),
        ((2, 2), (2, 2), False),
        ((1, 3), (2, 2), False),
    ],
)
def test_a_point_dominates_if_it_is_nowhere_worse(
    one: tuple[float, ...], other: tuple[float, ...], expected: bool
) -> None:
    assert dominates(one, other) is expected


def test_equal_points_are_on_the_front_together() -> None:
    assert front([(1, 2), (1, 2), (2, 1), (2, 2)]) == [True, True, True, False]
