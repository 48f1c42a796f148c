"""Errors by hand."""

import numpy as np
import pytest

from tinybench import quality
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
