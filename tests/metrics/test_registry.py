"""The registry of metrics, and what may be recorded."""

import math

import numpy as np
import pytest

from tinybench.metrics import METRICS


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_not_finite(value: float) -> None:
    """A NaN can never get into a document, where it would compare as anything."""
    with pytest.raises(ValueError, match=r"metric mse is .*; it must be finite"):
        METRICS.get("mse").check(value)


@pytest.mark.parametrize("value", ["1", None, True, np.float32(1)])
def test_not_a_number(value: object) -> None:
    """NumPy scalars would become strings in JSON."""
    with pytest.raises(TypeError, match="is not a plain int or float"):
        METRICS.get("mse").check(value)  # type: ignore[arg-type]


MOVING = ("cycles", "device_ms_low", "device_ms_high")
"""Exact, and yet a small change means nothing: they depend on link addresses."""


def test_every_metric_is_described() -> None:
    for metric in METRICS:
        assert metric.summary
        assert metric.direction in ("lower", "higher", "none")
        assert metric.tolerance >= 0
        within = metric.tolerance == 0 or metric.name in MOVING
        assert metric.exact == within, f"{metric.name}: exact is bit for bit"
        assert metric.exact or not metric.depends


@pytest.mark.parametrize(
    ("value", "text"), [(3112, "3112"), (0.0103641, "0.01036"), (4.3e-8, "4.3e-08")]
)
def test_format(value: float, text: str) -> None:
    assert METRICS.get("mse").format(value) == text
