"""Every metric by name, and how good predictions are."""

from tinybench.metrics.registry import (
    FLOAT_ROUNDING,
    HYBRID_ROUNDING,
    METRICS,
    RECALLS,
    Group,
    Metric,
    MetricError,
    Metrics,
    family,
)

__all__ = [
    "FLOAT_ROUNDING",
    "HYBRID_ROUNDING",
    "METRICS",
    "RECALLS",
    "Group",
    "Metric",
    "MetricError",
    "Metrics",
    "family",
]
