"""`tinybench accept`: make a run the baseline that later ones are compared with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.cli.streams import Say, teller
from tinybench.comparison import compare
from tinybench.comparison.compare import Change
from tinybench.errors import shown
from tinybench.report import changes as report
from tinybench.results import baseline, document, illustration, stored_models
from tinybench.results.document import Document, DocumentError
from tinybench.results.record import Result
from tinybench.storage.store import alone, write_atomically


class IncompleteRunError(DocumentError):
    """A run that lacks what the baseline has."""

    page = "incomplete-run"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Show what changed against the baseline, and make the document the baseline. Commit it, "
        "and a review shows each metric that changed as one line. A document of a run that failed "
        "is refused, and one that lacks benchmarks of the baseline. Host times that the run did "
        "not take are kept of files that are the same, on the same machine with the same versions."
    )
    parser.epilog = examples(
        "accept results/latest.json",
        "accept --remove",
        status="0; 1 the document is refused; 2 error",
    )
    parser.add_argument(
        "document",
        nargs="?",
        type=Path,
        default=options.LATEST,
        metavar="DOCUMENT",
        help=f"Result document of a run (default: {options.LATEST})",
    )
    parser.add_argument(
        "--to",
        type=Path,
        default=options.BASELINE,
        metavar="FILE",
        help=f"The baseline (default: {options.BASELINE})",
    )
    parser.add_argument(
        "--remove", action="store_true", help="Benchmarks that are missing are gone on purpose"
    )
    options.add_task_module(parser, asks=False)
    options.add_json(parser)
    options.add_cache(
        parser, "Where the run kept its models; they are stored beside the baseline, for `time`"
    )
    parser.set_defaults(
        run=lambda given: run(given.document, given.to, given.remove, given.cache, given.json)
    )


def run(path: Path, target: Path, remove: bool, cache: Path, as_json: bool = False) -> int:
    """Show the changes, write the baseline and its models; 1 if the document cannot be one."""
    say = teller(as_json)
    found = document.read(path)
    changes: list[Change] = []
    times = Times()
    try:
        _refuse(found, str(path))
        old = _earlier(target, say)
        if old is not None:
            # Also across what differs; that is said after them.
            changes = compare.compare(old, found, across=compare.DIFFERENCES)
            _show(changes, old, found, say)
            if not remove:
                _refuse_missing(old, found, path)
            times = keep_times(old, found)
    except DocumentError as error:
        print(f"tinybench: refused: {shown(error)}", file=sys.stderr)
        return Exit.FAILED
    with alone(target.parent):
        write_atomically(target, found.to_json().encode())
        models = target.parent / stored_models.MODELS
        lost = stored_models.store_models(found, cache, models)
        illustrations, absent = illustration.read_all(path, found)
        kept = {task: one.to_bytes() for task, one in illustrations.items()}
        illustration.keep(illustration.folder_of(target), kept)
    for line in times.told:
        say(line)
    if lost:
        say(f"not in the cache {cache}, so not to be timed again: {baseline.some(lost)}")
    if absent:
        say(f"without the figures of {len(absent)} tasks: {absent[0]}")
    say(f"written: {target}; now write its tables with `tinybench report {target}` and commit")
    if as_json:
        more = {"times_kept": times.kept, "times_left_out": times.left_out}
        print(report.as_json(changes, written=str(target), models_not_stored=lost, **more), end="")
    return Exit.OK


@dataclass(slots=True)
class Times:
    """Host times of the old baseline that a run did not take: how many are kept, and how many not.

    `differs` says what keeps all of them out, such as another machine.
    """

    kept: int = 0
    left_out: int = 0
    differs: str = ""

    @property
    def told(self) -> list[str]:
        """What to say of them."""
        said = []
        if self.kept:
            said.append(f"{self.kept} noisy values are kept: this run did not measure them again")
        if self.left_out:
            why = self.differs or "they are of other files"
            said.append(
                f"{self.left_out} noisy values of the old baseline, such as host times, are left "
                f"out: this run did not measure them, and {why}"
            )
        return said


def keep_times(old: Document, new: Document) -> Times:
    """Add to a document what is noisy in an older one and was not measured again.

    Only of the same file, machine and versions: a document is of one machine.
    """
    other = {"machine": "another machine", "versions": "other versions"}
    parts = [said for part, said in other.items() if _part(old, part) != _part(new, part)]
    found = Times(differs=f"it has {' and '.join(parts)}" if parts else "")
    for name, before in old.results.items():
        after = new.results.get(name)
        noisy = {
            key: value
            for key, value in before.metrics.items()
            if not compare.metric_of(key).exact and not (after and key in after.metrics)
        }
        if noisy and after and not parts and after.sha256 == before.sha256:
            by = [
                test
                for test in before.tests
                if not noisy.keys().isdisjoint(old.tests.get(test, ()))
            ]
            new.add(
                Result(
                    task=after.task,
                    variant=after.variant,
                    place=after.place,
                    outcome=after.outcome,
                    metrics=noisy,
                    tests=by,
                )
            )
            found.kept += len(noisy)
        else:
            found.left_out += len(noisy)
    return found


def _part(found: Document, name: str) -> object:
    return found.environment.get(name)


def _refuse(found: Document, name: str) -> None:
    if not any(result.metrics for result in found.results.values()):
        raise IncompleteRunError(f"{name} has no measurement")
    baseline.refuse_failed(found, name)


def _earlier(target: Path, say: Say) -> Document | None:
    if not target.exists():
        say(f"{target} is new")
        return None
    try:
        return document.read(target)
    except DocumentError as error:
        # The one way out of a baseline that no version reads any more.
        say(f"not compared: {shown(error)}")
        return None


def _show(changes: Sequence[Change], old: Document, new: Document, say: Say) -> None:
    """The changes, and what else differs."""
    for line, _ in report.terminal(changes):
        say(line)
    for why in sorted({change.why for change in compare.compare(old, new) if change.why}):
        say(f"note: {why}")


def _refuse_missing(old: Document, new: Document, path: Path) -> None:
    there = {name for name, result in new.results.items() if result.metrics}
    lost = sorted(name for name, one in old.results.items() if one.metrics and name not in there)
    if lost:
        raise IncompleteRunError(
            f"{path} lacks {len(lost)} benchmarks of the baseline ({baseline.some(lost)}); measure "
            "all of them, or say with --remove that they are gone on purpose"
        )
