"""`tinybench list`: everything that is registered."""

from __future__ import annotations

from itertools import starmap

from tabulate import tabulate

from tinybench.boards import BOARDS
from tinybench.conversion.variants import VARIANTS
from tinybench.metrics import METRICS, Metric
from tinybench.report import rows
from tinybench.runtimes import RUNTIMES
from tinybench.tasks import TASKS

Row = tuple[str, ...]


def run(kind: str | None) -> int:
    """Print one table a kind."""
    tables: dict[str, tuple[Row, list[Row]]] = {
        "tasks": (
            ("task", "what it is", "bounds"),
            [
                (task.name, task.summary, ", ".join(starmap(rows.bound, task.bounds.items())))
                for task in TASKS
            ],
        ),
        "variants": (
            ("variant", "what it is", "division"),
            [(variant.name, variant.summary, variant.division) for variant in VARIANTS],
        ),
        "runtimes": (
            ("runtime", "what it is", "here"),
            [
                (runtime.name, runtime.summary, runtime.unavailable() or "available")
                for runtime in RUNTIMES
            ],
        ),
        "boards": (
            ("board", "what it is", "flash", "RAM", "here"),
            [
                (
                    board.name,
                    board.summary,
                    f"{board.flash_bytes >> 10} KiB",
                    f"{board.ram_bytes >> 10} KiB",
                    board.unavailable() or "available",
                )
                for board in BOARDS
            ],
        ),
        "metrics": (
            ("metric", "what it is", "unit", "better", "exact", "tolerance"),
            [
                (
                    metric.name,
                    metric.summary,
                    metric.unit,
                    metric.direction,
                    _exactness(metric),
                    f"{metric.tolerance:g}",
                )
                for metric in METRICS
            ],
        ),
    }
    shown = [kind] if kind else list(tables)
    print("\n\n".join(tabulate(tables[name][1], tables[name][0]) for name in shown))
    return 0


def _exactness(metric: Metric) -> str:
    if not metric.exact:
        return "noisy"
    return "but for rounding" if metric.depends else "exact"
