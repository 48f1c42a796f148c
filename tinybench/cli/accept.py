"""`tinybench accept`: make a run the baseline that later ones are compared with."""

from __future__ import annotations

import sys
from pathlib import Path

from tinybench.comparison import compare
from tinybench.report import changes as report
from tinybench.results import baseline, document, illustration, stored_models
from tinybench.results.document import Document, DocumentError
from tinybench.storage.store import alone, write_atomically

REFUSED = 1


def run(path: Path, target: Path, remove: bool, cache: Path) -> int:
    """Show the changes, write the baseline and its models; 1 if the document cannot be one."""
    found = document.read(path)
    try:
        _refuse(found, str(path))
        old = _earlier(target)
        if old is not None:
            _show(old, found)
            if not remove:
                _refuse_missing(old, found, path)
    except DocumentError as error:
        print(f"tinybench: refused: {error}", file=sys.stderr)
        return REFUSED
    with alone(target.parent):
        write_atomically(target, found.to_json().encode())
        models = target.parent / stored_models.MODELS
        lost = stored_models.store_models(found, cache, models)
        illustrations, absent = illustration.read_all(path, found)
        kept = {task: one.to_bytes() for task, one in illustrations.items()}
        illustration.keep(illustration.folder_of(target), kept)
    if lost:
        print(f"not in the cache {cache}, so not to be timed again: {baseline.some(lost)}")
    if absent:
        print(f"without the figures of {len(absent)} tasks: {absent[0]}")
    print(f"written: {target}; now write its tables with `tinybench report {target}` and commit")
    return 0


def _refuse(found: Document, name: str) -> None:
    if not any(result.metrics for result in found.results.values()):
        raise DocumentError(f"{name} has no measurement")
    baseline.refuse_failed(found, name)


def _earlier(target: Path) -> Document | None:
    if not target.exists():
        print(f"{target} is new")
        return None
    try:
        return document.read(target)
    except DocumentError as error:
        # The one way out of a baseline that no version reads any more.
        print(f"not compared: {error}")
        return None


def _show(old: Document, new: Document) -> None:
    """The changes, also across what differs, and what that is."""
    differing = {change.why for change in compare.compare(old, new) if change.why}
    changes = compare.compare(old, new, across=compare.DIFFERENCES)
    for line, _ in report.terminal(changes):
        print(line)
    for why in sorted(differing):
        print(f"note: {why}")


def _refuse_missing(old: Document, new: Document, path: Path) -> None:
    there = {name for name, result in new.results.items() if result.metrics}
    lost = sorted(name for name, one in old.results.items() if one.metrics and name not in there)
    if lost:
        raise DocumentError(
            f"{path} lacks {len(lost)} benchmarks of the baseline ({baseline.some(lost)}); measure "
            "all of them, or say with --remove that they are gone on purpose"
        )
