"""Data sets are checked before anything is trained on them."""

import numpy as np
import pytest

from tinybench.tasks import DataError, Dataset, Split


def split(count: int = 3, **replaced: object) -> Split:
    arrays: dict[str, object] = {
        "x": np.zeros((count, 1), np.float32),
        "y": np.ones((count, 1), np.float32),
    }
    return Split(**{**arrays, **replaced})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (split(0), "the test split is empty"),
        (split(x=np.zeros((3, 1))), "x of the test split is float64, not float32"),
        (split(x=np.zeros(3, np.float32)), r"x of the test split has shape \(3,\)"),
        (split(y=np.zeros((2, 1), np.float32)), "y of the test split has 2 samples, but x has 3"),
        (split(y=np.full((3, 1), np.nan, np.float32)), "y of the test split has 3 values that are"),
        (split(x=np.full((3, 1), np.inf, np.float32)), "NaN or infinite"),
        (
            split(truth=np.zeros((3, 2), np.float32)),
            r"truth of the test split has shape \(3, 2\), but y has \(3, 1\)",
        ),
    ],
)
def test_refused(bad: Split, message: str) -> None:
    """The message names split, array and what is wrong."""
    with pytest.raises(DataError, match=message):
        Dataset(split(), split(), bad, "made up")


def test_hash_covers_every_array() -> None:
    """A changed value, shape or missing truth is another data set."""
    plain = Dataset(split(), split(), split(), "made up")
    changed = [
        Dataset(split(), split(), split(y=np.zeros((3, 1), np.float32)), "made up"),
        Dataset(split(4), split(), split(), "made up"),
        Dataset(split(), split(truth=np.ones((3, 1), np.float32)), split(), "made up"),
    ]

    assert plain.sha256 == Dataset(split(), split(), split(), "elsewhere").sha256
    assert len({plain.sha256, *(data.sha256 for data in changed)}) == 4
