"""How good predictions are: errors against labels, against the truth, against another variant."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.tasks.data import Split


def errors(predicted: NDArray[Any], expected: NDArray[Any]) -> tuple[float, float, float]:
    """Mean squared, mean absolute and largest absolute error, in float64."""
    if predicted.shape != expected.shape:
        raise ValueError(f"predictions have shape {predicted.shape}, targets {expected.shape}")
    difference = predicted.astype(np.float64) - expected.astype(np.float64)
    magnitude = np.abs(difference)
    return float(np.mean(difference**2)), float(np.mean(magnitude)), float(np.max(magnitude))


def regression(predicted: NDArray[Any], split: Split) -> dict[str, float]:
    """`mse`, `mae` and `max_error` against the labels and, where known, the noise-free function."""
    found = dict(zip(("mse", "mae", "max_error"), errors(predicted, split.y), strict=True))
    if split.truth is not None:
        names = ("mse_true", "mae_true", "max_error_true")
        found |= zip(names, errors(predicted, split.truth), strict=True)
    return found
