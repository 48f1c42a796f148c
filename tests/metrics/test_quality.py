"""Errors by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.metrics import quality
from tinybench.tasks import Split


def column(*values: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    return np.array(values, np.float32)[:, None]


def test_regression() -> None:
    """Against labels and, beside it, against the truth."""
    split = Split(x=column(0, 0), y=column(1, 2), truth=column(0, 2))

    assert quality.regression(column(0, 4), split) == {
        "mse": 2.5,
        "mae": 1.5,
        "max_error": 2.0,
        "mse_true": 2.0,
        "mae_true": 1.0,
        "max_error_true": 2.0,
    }


def test_without_truth() -> None:
    """Where the noise-free function is unknown nothing is said about it."""
    split = Split(x=column(0), y=column(1))

    assert set(quality.regression(column(1), split)) == {"mse", "mae", "max_error"}


def test_shapes_must_agree() -> None:
    """(N,) against (N, 1) would broadcast to N x N and give a number nevertheless."""
    with pytest.raises(ValueError, match=r"predictions have shape \(2,\), targets \(2, 1\)"):
        quality.errors(column(1, 2)[:, 0], column(1, 2))


def scored(classes: list[int], count: int) -> NDArray[np.float32]:
    return np.eye(count, dtype=np.float32)[classes]


def labelled(classes: list[int], count: int) -> Split:
    return Split(np.zeros((len(classes), 1), np.float32), scored(classes, count))


def test_a_classifier_is_judged_by_its_largest_output() -> None:
    predicted = np.array([[0.6, 0.3, 0.1], [0.1, 0.5, 0.4], [0.4, 0.4, 0.2], [0, 0, 1]], np.float32)
    split = labelled([0, 2, 0, 2], 3)

    found = quality.classification(predicted, split, ("a", "b", "c"))

    assert quality.confusion(predicted, split).tolist() == [[2, 0, 0], [0, 0, 0], [0, 1, 1]]
    assert found["accuracy"] == 0.75
    # A class without samples has no recall, and three classes have no AUC.
    assert {name: value for name, value in found.items() if name.startswith("recall")} == {
        "recall_a": 1.0,
        "recall_c": 0.5,
    }
    assert "auc" not in found


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
