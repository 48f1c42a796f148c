"""`tinybench compare`: what got better or worse between two runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tinybench.cli import inifile
from tinybench.cli.status import Exit
from tinybench.comparison import compare, gates
from tinybench.comparison.compare import Change, Verdict
from tinybench.comparison.gates import Judgement
from tinybench.errors import TinybenchError
from tinybench.report import changes as report
from tinybench.results import baseline
from tinybench.results.baseline import Baseline
from tinybench.storage.store import write_atomically

COLOURS: dict[Verdict, str] = {
    "regressed": "31",
    "missing": "31",
    "not comparable": "33",
    "new": "36",
    "improved": "32",
}


def run(
    old: str,
    new: str,
    form: str,
    fail_on: str | None,
    across: str,
    to: Path | None,
    exit_zero: bool = False,
) -> int:
    """Print the comparison; 0, 1 if a gate failed, 4 if there was nothing to judge by.

    Without `fail_on` the project's gates hold, and where it has none, each metric's own tolerance.
    """
    try:
        asked = inifile.gates(Path.cwd()) if fail_on is None else fail_on
        rules = gates.parse(asked) if asked else gates.own_tolerances()
        beyond = tuple(part.strip() for part in across.split(",") if part.strip())
        compare.check_across(beyond)
        before, after = (baseline.find(name, Path.cwd()) for name in (old, new))
        if not exit_zero:
            baseline.refuse_failed(before.document, before.name)
    except TinybenchError as error:
        print(f"tinybench: error: {error}", file=sys.stderr)
        return Exit.NOTHING_TO_JUDGE
    changes = compare.compare(before.document, after.document, beyond)
    judgement = gates.judge(rules, changes)
    # A benchmark may fail before it measures anything that could be compared.
    for name in baseline.failures(after.document):
        if name not in judgement.failures:
            judgement.fail(name, f"{name}: failed in {after.name}", "failed benchmarks")
    _write(_rendered(form, before, after, changes, judgement), to)
    for line in report.failures(judgement):
        print(line, file=sys.stderr)
    for line in judgement.blind[: report.FAILURES]:
        print(f"tinybench: error: {line}", file=sys.stderr)
    if (more := len(judgement.blind) - report.FAILURES) > 0:
        print(f"… and {more} more that could not be judged", file=sys.stderr)
    return Exit.OK if exit_zero else status(judgement)


def status(judgement: Judgement) -> Exit:
    """The exit status that a judgement means."""
    if judgement.failures:
        return Exit.FAILED
    return Exit.NOTHING_TO_JUDGE if judgement.blind else Exit.OK


def _rendered(
    form: str, old: Baseline, new: Baseline, changes: Sequence[Change], judgement: Judgement
) -> str:
    if form == "markdown":
        return report.markdown(changes, f"{old.name} → {new.name}", _said(judgement))
    if form == "csv":
        return report.csv(changes)
    if form == "json":
        return report.as_json(
            changes,
            old=old.name,
            new=new.name,
            exit_status=status(judgement),
            failures=judgement.lines,
            not_judged=judgement.blind,
        )
    if form == "bencher":
        return report.bencher(new.document)
    if form.startswith("github-action-benchmark"):
        direction = "higher" if form.endswith("-bigger") else "lower"
        return report.github_action_benchmark(new.document, changes, direction)
    lines = [_coloured(line, verdict) for line, verdict in report.terminal(changes)]
    return "\n".join([f"{old.name} → {new.name}", *lines]) + "\n"


def _said(judgement: Judgement) -> str:
    if judgement.failures:
        return f"{report.failures_by_metric(judgement)}."
    return f"Not judged: {judgement.blind[0]}." if judgement.blind else "Passed."


def _write(text: str, to: Path | None) -> None:
    if to:
        write_atomically(to, text.encode())
    else:
        sys.stdout.write(text)


def _coloured(line: str, verdict: Verdict) -> str:
    wanted = bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()
    code = COLOURS.get(verdict)
    if not code or not wanted or os.environ.get("NO_COLOR"):
        return line
    return f"\033[{code}m{line}\033[0m"
