"""`tinybench list`: everything that is registered."""

from __future__ import annotations

import argparse
import json
import math
from itertools import starmap
from typing import Any

from tabulate import tabulate

from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.own import REGISTRIES
from tinybench.cli.status import Exit
from tinybench.report import rows

COLUMNS = {
    "tasks": {"name": "task", "summary": "what it is", "bounds": "bounds"},
    "variants": {"name": "variant", "summary": "what it is", "division": "division"},
    "runtimes": {"name": "runtime", "summary": "what it is", "unavailable": "here"},
    "boards": {
        "name": "board",
        "summary": "what it is",
        "flash_bytes": "flash",
        "ram_bytes": "RAM",
        "unavailable": "here",
    },
    "metrics": {
        "name": "metric",
        "summary": "what it is",
        "unit": "unit",
        "direction": "better",
        "exact": "exact",
        "depends": "but for rounding of",
        "tolerance": "tolerance",
    },
}
"""What is said of each thing, and the heading that it has in a table."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = "Show all that is registered, what your project adds among it."
    parser.epilog = examples("list boards", "list metrics --json")
    parser.add_argument("kind", nargs="?", choices=list(COLUMNS), help="Only these")
    options.add_task_module(parser, asks=False)
    options.add_json(parser)
    parser.set_defaults(run=lambda given: run(given.kind, given.json))


def run(kind: str | None, as_json: bool) -> int:
    """Print one table a kind, or all of them as one JSON object."""
    found = {name: records(name) for name in ([kind] if kind else COLUMNS)}
    if as_json:
        print(json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False))
    else:
        print("\n\n".join(starmap(_table, found.items())))
    return Exit.OK


def records(kind: str) -> list[dict[str, Any]]:
    """What is registered of a kind; a tolerance of None is that of a metric never judged."""
    return [{key: _value(item, key) for key in COLUMNS[kind]} for item in REGISTRIES[kind]]


def _value(item: Any, key: str) -> Any:
    if key == "bounds":
        return dict(item.bounds)
    value = item.unavailable() if key == "unavailable" else getattr(item, key)
    return None if value == math.inf else value


def _table(kind: str, found: list[dict[str, Any]]) -> str:
    cells = [[_cell(key, value) for key, value in record.items()] for record in found]
    return tabulate(cells, list(COLUMNS[kind].values()))


def _cell(key: str, value: Any) -> str:
    if key == "bounds":
        return ", ".join(starmap(rows.bound, value.items()))
    if key == "unavailable":
        return value or "available"
    if key in ("flash_bytes", "ram_bytes"):
        return f"{value >> 10} KiB"
    if key == "exact":
        return "exact" if value else "noisy"
    if key == "tolerance":
        return f"{math.inf if value is None else value:g}"
    return str(value)
