"""`tinybench check`: is a published results folder sound?"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tinybench.cli import options, published
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Check baseline.json and what was made from it: schema; data sets, calibration sets, "
        "definitions and checkpoints by their hashes; quality bounds; that tables and CSV files "
        "are, byte for byte, what the document gives; that no table ranks open variants with "
        "closed ones."
    )
    parser.epilog = examples(
        "check",
        "check results --json",
        status="0; 1 there is a problem; each is one line",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=options.BASELINE.parent,
        metavar="FOLDER",
        help=f"Folder of results (default: {options.BASELINE.parent})",
    )
    options.add_task_module(parser, asks=False)
    options.add_json(parser)
    parser.set_defaults(run=lambda given: run(given.folder, given.json))


def run(folder: Path, as_json: bool = False) -> int:
    """Name every problem; 1 if there is one."""
    found = published.problems(folder)
    if as_json:
        print(json.dumps({"folder": str(folder), "problems": found}, indent=1, ensure_ascii=False))
        return Exit.FAILED if found else Exit.OK
    for line in found:
        print(line)
    if found:
        print(f"{len(found)} problem{'s' if len(found) > 1 else ''} in {folder}", file=sys.stderr)
        return Exit.FAILED
    print(f"{folder}: document, hashes, bounds, tables and divisions are sound")
    return Exit.OK
