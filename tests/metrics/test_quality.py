"""Errors by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.metrics import quality


def column(*values: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return np.array(values, np.float32)[:, None]


def test_regression() -> None:
    """Against labels and, beside it, against the truth."""
    assert quality.regression(column(0, 4), column(1, 2), column(0, 2)) == {
        "mse": 2.5,
        "mae": 1.5,
        "max_error": 2.0,
        "mse_true": 2.0,
        "mae_true": 1.0,
        "max_error_true": 2.0,
    }


def test_without_truth() -> None:
    """Where the noise-free function is unknown nothing is said about it."""
    assert set(quality.regression(column(1), column(1))) == {"mse", "mae", "max_error"}


def test_shapes_must_agree() -> None:
    """(N,) against (N, 1) would broadcast to N x N and give a number nevertheless."""
    with pytest.raises(ValueError, match=r"predictions have shape \(2,\), targets \(2, 1\)"):
        quality.errors(column(1, 2)[:, 0], column(1, 2))


def scored(classes: list[int], count: int) -> NDArray[np.float32]:
    return np.eye(count, dtype=np.float32)[classes]


def test_precision_and_recall_are_means_over_labels_that_are_there() -> None:
    """Of three labels: one found half, with one false alarm; one never; one that no sample has."""
    truth = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], bool)
    said = np.array([[1, 0, 0], [0, 0, 0], [1, 0, 1]], bool)

    found = quality.detection(said, truth)

    assert found == {"precision": 0.25, "recall": 0.25, "f1": 0.25}


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    # scipy.stats.binomtest(right, total).proportion_ci(method="wilson")
    [
        (90, 100, 0.8256343384950865, 0.9447708629393249),
        (0, 10, 0, 0.27753279986288926),
        (10, 10, 0.7224672001371109, 1),
    ],
)
def test_interval_is_wilsons(right: int, total: int, low: float, high: float) -> None:
    assert quality.interval(right, total) == pytest.approx((low, high), rel=1e-12)


@pytest.mark.parametrize(
    ("scores", "positive", "area"),
    [
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1.0),
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0.0),
        ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5),
        ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75),
    ],
    ids=["perfect", "inverted", "ties", "one pair wrong"],
)
def test_area_is_the_chance_of_the_right_order(
    scores: list[float], positive: list[int], area: float
) -> None:
    assert quality.area_under_curve(np.array(scores), np.array(positive, bool)) == area


def test_agreement_counts_equal_classes() -> None:
    assert quality.agreement(scored([0, 1, 1, 0], 2), scored([0, 1, 0, 0], 2)) == 0.75
