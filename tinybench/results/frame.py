"""A document as a tidy table, one row a value: what pandas groups, pivots and plots.

pandas is imported when a frame is made: a run that only writes documents does not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tinybench.errors import require_packages
from tinybench.metrics import METRICS, Metric

if TYPE_CHECKING:
    import pandas as pd

    from tinybench.results.document import Document
    from tinybench.results.record import Result

COLUMNS = (
    *("id", "task", "variant", "place_kind", "place", "output", "metric", "value", "unit"),
    *("direction", "group", "exact", "headline", "outcome", "notes", "sha256"),
)
"""The columns of a frame, in their order."""


def frame(document: Document) -> pd.DataFrame:
    """Every value of a document as a row of COLUMNS, in the document's order.

    `variant` and `place` are missing where a value is of a task or of a file, and `output` unless
    it is of one of a model's several outputs; `value` is a float.
    A result without metrics has no row.
    """
    require_packages("a data frame", "pandas")
    import pandas as pd

    made = pd.DataFrame(list(values(document)), columns=list(COLUMNS))
    typed: pd.DataFrame = made.astype({"value": float, "exact": bool, "headline": bool})
    return typed


def values(document: Document) -> Iterator[dict[str, Any]]:
    """The same rows as dictionaries, with Python's own numbers: an integer stays one."""
    for result in document.results.values():
        about = _about(result)
        for key, value in result.metrics.items():
            name, _, output = key.partition("@")
            metric = METRICS.get(name) if name in METRICS else Metric(name, "", direction="none")
            yield {
                **about,
                "output": output or None,
                "metric": name,
                "value": value,
                "unit": metric.unit,
                "direction": metric.direction,
                "group": metric.group,
                "exact": metric.exact,
                "headline": metric.headline,
            }


def _about(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "task": result.task,
        "variant": result.variant,
        "place_kind": result.place.kind if result.place else None,
        "place": result.where,
        "outcome": result.outcome,
        "notes": "; ".join(map(str, result.notes)),
        "sha256": result.sha256,
    }
