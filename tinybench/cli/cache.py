"""`tinybench cache`: what is kept to save time, how large it is, and removing what is old."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tabulate import tabulate

from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.storage import contents
from tinybench.storage.contents import Entry

DAYS = 30


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Show what the cache has, by kind. With --prune remove what nobody used for --older-than, "
        "and what killed runs left. Both are safe while benchmarks run, and so is deleting the "
        "folder when none does: what is missed is made again."
    )
    parser.epilog = examples("cache", "cache --prune --older-than 7d")
    parser.add_argument("--prune", action="store_true", help="Remove what is old")
    parser.add_argument(
        "--older-than",
        type=options.age,
        default=DAYS * options.DAY,
        metavar="AGE",
        help=f"Not used for so many days or hours, such as 7d or 12h (default: {DAYS}d)",
    )
    options.add_json(parser)
    options.add_cache(parser)
    parser.set_defaults(
        run=lambda given: run(given.cache, given.older_than if given.prune else None, given.json)
    )


def run(folder: Path, older_than: float | None, as_json: bool) -> int:
    """Prune if an age in seconds is given; then print what there is."""
    removed = None if older_than is None else contents.prune(folder, older_than)
    left = list(contents.contents(folder))
    if as_json:
        value = {"folder": str(folder), "kinds": kinds(left)}
        if removed is not None:
            value["removed"] = kinds(removed)
        print(json.dumps(value, indent=1))
        return Exit.OK
    if removed is not None:
        print(f"removed: {len(removed):,} entries, {_size(sum(one.size for one in removed))}")
    rows = [(one["kind"], f"{one['entries']:,}", _size(one["bytes"])) for one in kinds(left)]
    rows.append(("all", f"{len(left):,}", _size(sum(one.size for one in left))))
    print(folder)
    headings = ("kind", "entries", "size")
    aligned = ("left", "right", "right")
    print(tabulate(rows, headings, disable_numparse=True, colalign=aligned))
    return Exit.OK


def kinds(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """How many entries there are of each kind, and their bytes."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        one = found.setdefault(entry.kind, {"kind": entry.kind, "entries": 0, "bytes": 0})
        one["entries"] += 1
        one["bytes"] += entry.size
    return [found[kind] for kind in sorted(found)]


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
