"""What holds for every draw: each sample once, every split of every class, no more than wanted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinybench.datasets.own.drawing import draw
from tinybench.datasets.own.found import Part
from tinybench.tasks import DataError

SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=8)


def part(sizes: list[int]) -> Part:
    y = np.repeat(np.arange(len(sizes)), sizes)
    return Part({"": np.zeros((len(y), 1), np.float32)}, {"": y})


@given(SIZES.filter(lambda sizes: sum(sizes) >= 3), st.none() | st.integers(3, 300), st.integers(0))
def test_one_part(sizes: list[int], most: int | None, seed: int) -> None:
    drawn = draw("data", {"all": part(sizes)}, seed, most)

    rows = np.concatenate([each.rows for each in drawn.values()])
    expected = sum(sizes) if most is None else min(most, sum(sizes))
    assert len(np.unique(rows)) == len(rows) == expected
    assert all(len(each.rows) for each in drawn.values())
    if most is None and sum(sizes) >= 3 * len(sizes):
        y = np.repeat(np.arange(len(sizes)), sizes)
        for each in drawn.values():
            had = set(y[each.rows])
            assert {number for number, size in enumerate(sizes) if size >= 3} <= had


@given(
    st.dictionaries(
        st.sampled_from(["train", "validation", "test"]), st.integers(3, 90), min_size=1
    ),
    st.none() | st.integers(3, 60),
)
def test_parts_of_the_file(counts: dict[str, int], most: int | None) -> None:
    """A part that is there gives its split, and no sample is in two."""
    drawn = draw("data", {name: part([count]) for name, count in counts.items()}, 1, most)

    assert [*drawn] == ["train", "validation", "test"]
    used = [(each.part, row) for each in drawn.values() for row in each.rows]
    assert len(set(used)) == len(used)
    for name, each in drawn.items():
        assert len(each.rows)
        assert each.part == name or name not in counts
    if most is not None:
        assert len(used) <= most + 2


@pytest.mark.parametrize(("name", "count"), [("all", 2), ("train", 2), ("test", 1)])
def test_too_few(name: str, count: int) -> None:
    with pytest.raises(DataError, match=rf"{count} samples?.* need one each, so at least 3"):
        draw("data", {name: part([count])}, 1)
