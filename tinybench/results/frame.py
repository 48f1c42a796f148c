"""A document as a tidy table, one row a value: what pandas groups, pivots and plots.

pandas is imported when a frame is made: a run that only writes documents does not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tinybench.metrics import METRICS, Metric

if TYPE_CHECKING:
    import pandas as pd

    from tinybench.results.document import Document, Result

COLUMNS = (
    *("id", "task", "variant", "place_kind", "place", "metric", "value", "unit", "direction"),
    *("group", "exact", "headline", "outcome", "notes", "sha256"),
)
"""The columns of a frame, in their order."""


def frame(document: Document) -> pd.DataFrame:
    """Every value of a document as a row of COLUMNS, in the document's order.

    `variant` and `place` are missing where a value is of a task or of a file; `value` is a float.
    A result without metrics has no row.
    """
    import pandas as pd

    made = pd.DataFrame(list(values(document)), columns=list(COLUMNS))
    typed: pd.DataFrame = made.astype({"value": float, "exact": bool, "headline": bool})
    return typed


def values(document: Document) -> Iterator[dict[str, Any]]:
    """The same rows as dictionaries, with Python's own numbers: an integer stays one."""
    for result in document.results.values():
        about = _about(result)
        for name, value in result.metrics.items():
            metric = METRICS.get(name) if name in METRICS else Metric(name, "", direction="none")
            yield {
                **about,
                "metric": name,
                "value": value,
                "unit": metric.unit,
                "direction": metric.direction,
                "group": metric.group,
                "exact": metric.exact,
                "headline": metric.headline,
            }


def place_of(result: Result) -> tuple[str | None, str | None]:
    """Where a result is from: `runtime` or `board`, and its name; nothing for a task or a file."""
    if result.runtime is None:
        return None, None
    return "board" if "instructions" in result.metrics else "runtime", result.runtime


def notes_of(result: Result) -> list[str]:
    """What to say of a result beyond its numbers."""
    return list(result.labels)


def _about(result: Result) -> dict[str, Any]:
    kind, place = place_of(result)
    return {
        "id": result.id,
        "task": result.task,
        "variant": result.variant,
        "place_kind": kind,
        "place": place,
        "outcome": result.outcome,
        "notes": "; ".join(notes_of(result)),
        "sha256": result.sha256,
    }
