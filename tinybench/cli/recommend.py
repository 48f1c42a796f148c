"""`tinybench recommend`: which variant of a task to ship, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tabulate import tabulate

from tinybench.boards import BOARDS
from tinybench.cli.status import Exit
from tinybench.comparison import recommend
from tinybench.metrics import METRICS
from tinybench.report import rows
from tinybench.results import document
from tinybench.tasks import TASKS

DOCUMENTS = (Path("results/latest.json"), Path("results/baseline.json"))


def run(task: str, path: Path | None, board: str, cost_order: Sequence[str]) -> int:
    """Print every variant's verdict, then the choice; 1 if there is none."""
    chosen = TASKS.get(task)
    source = path or next((one for one in DOCUMENTS if one.exists()), DOCUMENTS[0])
    measured = document.read(source)
    if board not in rows.boards(measured):
        BOARDS.get(board)
    order = tuple(dict.fromkeys((*cost_order, *recommend.COST_ORDER)))
    variants = rows.variants(measured, task)
    advice = recommend.recommend(measured, task, variants, chosen.bounds, board, order)
    columns = [METRICS.get(name) for name in order]
    table = [
        (
            one.variant + (" (open)" if rows.division(one.variant) == "open" else ""),
            *(rows.number(metric, one.costs.get(metric.name)) for metric in columns),
            one.out or ("chosen" if one.variant == advice.chosen else "fits, costs more"),
        )
        for one in advice.candidates
    ]
    headings = ("variant", *(f"{metric.name} {metric.unit}" for metric in columns), "verdict")
    aligned = ("left", *("right",) * len(columns), "left")
    print(tabulate(table, headings, disable_numparse=True, colalign=aligned))
    bounds = ", ".join(_bound(name, bound) for name, bound in chosen.bounds.items())
    print(f"\n{task} on {board}, from {source}; bounds: {bounds or 'none'}")
    print(f"ship {advice.chosen}: {advice.why}" if advice.chosen else advice.why)
    return Exit.OK if advice.chosen else Exit.FAILED


def _bound(name: str, bound: float) -> str:
    side = "least" if METRICS.get(name).direction == "higher" else "most"
    return f"{name} at {side} {bound:g}"
