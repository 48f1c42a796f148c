"""`tinybench recommend`: which variant of a task to ship, and why."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tabulate import tabulate

from tinybench.boards import BOARDS, DEFAULT_BOARD
from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.comparison import recommend
from tinybench.metrics import METRICS
from tinybench.report import rows
from tinybench.results import document
from tinybench.results.document import Document
from tinybench.tasks import TASKS

DOCUMENTS = (options.LATEST, options.BASELINE)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Choose from a result document: variants that miss a quality bound of the task are out, "
        "then those that do not run on the board, then those that are larger or slower there than "
        "float32; of the rest the cheapest, in the order of --cost, and of those that cost the "
        "same the one closest to float32."
    )
    parser.epilog = examples(
        "recommend sine-16x16",
        "recommend keyword --document results/baseline.json --on cortex-m0plus --cost instructions",
        status="1 no variant fits; 2 error",
    )
    parser.add_argument("task", metavar="TASK", help="Name of a task in the document")
    parser.add_argument(
        "--document",
        type=Path,
        metavar="FILE",
        help=f"Result document (default: {DOCUMENTS[0]}, else {DOCUMENTS[1]})",
    )
    options.add_place(parser, "Board", DEFAULT_BOARD)
    parser.add_argument(
        "--cost",
        action="append",
        default=[],
        metavar="METRIC",
        choices=recommend.COSTS,
        help=f"What counts first; repeatable (default: {', '.join(recommend.COST_ORDER)}; "
        f"{recommend.UNPRICED} where there are no cycles)",
    )
    options.add_task_module(parser, asks=False)
    options.add_json(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    return run(given.task, given.document, given.on, given.cost, given.json)


def run(task: str, path: Path | None, board: str, cost_order: Sequence[str], as_json: bool) -> int:
    """Print every variant's verdict, then the choice; 1 if there is none."""
    source = path or next((one for one in DOCUMENTS if one.exists()), DOCUMENTS[0])
    return show(document.read(source), task, board, cost_order, source, as_json)


def show(
    measured: Document,
    task: str,
    board: str,
    cost_order: Sequence[str],
    source: Path,
    as_json: bool = False,
) -> int:
    """The same of a document that was read."""
    bounds = _bounds(measured, task)
    if board not in rows.boards(measured):
        BOARDS.get(board)
    variants = rows.variants(measured, task)
    usual = recommend.order(measured, task, variants, board)
    order = tuple(dict.fromkeys((*cost_order, *usual)))
    advice = recommend.recommend(measured, task, variants, bounds, board, order)
    if as_json:
        basis = rows.time_basis(measured, board, task)
        about = {"task": task, "board": board, "time_basis": basis, "document": str(source)}
        value = {**about, "bounds": bounds, **_to_dict(advice, order)}
        print(json.dumps(value, indent=1, ensure_ascii=False))
        return Exit.OK if advice.chosen else Exit.FAILED
    columns = [METRICS.get(name) for name in order]
    table = [
        (
            one.variant + (" (open)" if rows.division(one.variant) == "open" else ""),
            *(rows.number(metric, one.costs.get(metric.name)) for metric in columns),
            one.verdict,
        )
        for one in advice.candidates
    ]
    headings = (
        "variant",
        *(f"{metric.name} {metric.unit}".rstrip() for metric in columns),
        "verdict",
    )
    aligned = ("left", *("right",) * len(columns), "left")
    print(tabulate(table, headings, disable_numparse=True, colalign=aligned))
    shown = ", ".join(_bound(name, bound) for name, bound in bounds.items())
    print()
    if basis := rows.time_basis(measured, board, task):
        print(f"cycles: {basis}")
    print(f"{task} on {board}, from {source}; bounds: {shown or 'none'}")
    print(f"ship {advice.chosen}: {advice.why}" if advice.chosen else advice.why)
    return Exit.OK if advice.chosen else Exit.FAILED


def _bounds(measured: Document, task: str) -> dict[str, float]:
    """Those of a task that is registered here, else those that it was measured with."""
    if task in measured.tasks and task not in TASKS:
        return dict(measured.tasks[task].get("bounds") or {})
    return dict(TASKS.get(task).bounds)


def _to_dict(advice: recommend.Advice, order: Sequence[str]) -> dict[str, Any]:
    return {
        "order": order,
        "chosen": advice.chosen,
        "why": advice.why,
        "variants": [
            {
                "variant": one.variant,
                "division": rows.division(one.variant),
                "costs": dict(one.costs),
                "out": one.out or None,
                "verdict": one.verdict,
            }
            for one in advice.candidates
        ],
    }


def _bound(name: str, bound: float) -> str:
    of, _, name = name.rpartition(":")
    side = "least" if METRICS.get(name).direction == "higher" else "most"
    whose = f"{of}: " if of else ""
    return f"{whose}{name} at {side} {bound:g}"
