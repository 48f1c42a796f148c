"""`tinybench compare`: what got better or worse between two runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tinybench.cli import inifile, options, streams
from tinybench.cli.status import Exit
from tinybench.comparison import compare, gates
from tinybench.comparison.compare import Change, Verdict
from tinybench.comparison.gates import Judgement
from tinybench.errors import TinybenchError, named, shown
from tinybench.report import changes as report
from tinybench.results import baseline
from tinybench.results.baseline import Baseline
from tinybench.storage.store import write_atomically

FORMATS = (
    "terminal",
    "markdown",
    "csv",
    "json",
    "github-action-benchmark",
    "github-action-benchmark-bigger",
    "bencher",
)
DESCRIPTION = """\
A and B are result documents, files of pytest-benchmark, or git commits that hold
results/baseline.json; COMMIT... is the merge base of that commit and HEAD.

Verdicts: improved, regressed, no change, within noise (less than the metric's tolerance, or than
float sums move on another processor: the metric rounding), new, missing, not comparable (other
data, calibration set, definition, converter, compiler, basis of cycles or machine). Times that only
one run took are none. Times of two runs are shown and never gated.

gates (--fail-on): METRIC:LIMIT, comma-separated
  mse:2%                  mse may get worse by 2 % of its old value
  tflite_bytes:0          no file may grow
  arena_bytes:64          by 64 B, the metric's own unit
  sine-*:mse:5%           only tasks of this name; the last gate that matches counts
  */int8:mse:5%           only this variant; */int8/cortex-m4:instructions:1% on this board
  *_bytes:0               wildcards in metrics, too: all that are exact
  quality:2%              all that says how good a model is, your own metrics too
  cost:1%                 what it costs: file, arena, instructions, flash, RAM, stack
  default,mse:5%          the default gates, and another limit for mse
  none                    nothing is judged, as with --exit-zero
Without --fail-on they are tinybench_fail_on of the file that pytest reads its options from, and
without that `default`, which is:
  DEFAULT
A benchmark that is missing from B fails whatever the gates are about.

formats: --json is --format json; markdown is for the comment on a pull request. These have the
values of B only: github-action-benchmark (metrics where lower is better, for its tool
customSmallerIsBetter), github-action-benchmark-bigger (the others, for customBiggerIsBetter) and
bencher (Bencher Metric Format).
"""
EPILOG = """\
exit status: 0 fine; 1 something is worse than a gate allows, or missing; 4 nothing to judge by: no
such document, another schema, a gate that is misspelt, no gate in the list, or runs that are not
comparable.

examples:
  tinybench compare results/baseline.json results/latest.json
  tinybench compare results/baseline.json results/latest.json --fail-on 'default,mse:5%'
  tinybench compare origin/main... HEAD --format markdown --exit-zero
"""

COLOURS: dict[Verdict, str] = {
    "regressed": "31",
    "missing": "31",
    "not comparable": "33",
    "new": "36",
    "improved": "32",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = DESCRIPTION.replace("DEFAULT", gates.DEFAULT)
    parser.epilog = EPILOG
    parser.add_argument("old", metavar="A", help="Document, pytest-benchmark file or commit")
    parser.add_argument("new", metavar="B", help="The same, measured later")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--format", choices=FORMATS, default="terminal", help="Default: terminal")
    options.add_json(forms)
    parser.add_argument("--fail-on", metavar="GATES", help="See above")
    parser.add_argument(
        "--exit-zero", action="store_true", help="End with 0 whatever the comparison says"
    )
    parser.add_argument(
        "--across",
        default="",
        metavar="WHAT",
        help="Compare although runs differ in this: data, calibration, definition, converter, "
        "compiler or machine, comma-separated",
    )
    options.add_task_module(parser, asks=False)
    parser.add_argument("--to", type=Path, metavar="FILE", help="Write there, not to the terminal")
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    return run(
        given.old,
        given.new,
        "json" if given.json else given.format,
        given.fail_on,
        given.across,
        given.to,
        given.exit_zero,
    )


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

    Without `fail_on` the project's gates hold, and where it has none, the default ones.
    """
    try:
        asked = inifile.gates(Path.cwd()) if fail_on is None else fail_on
        rules = gates.parse(gates.DEFAULT_WORD if asked is None else asked)
        exit_zero = exit_zero or not rules
        beyond = tuple(part.strip() for part in across.split(",") if part.strip())
        compare.check_across(beyond)
        before, after = (baseline.find(name, Path.cwd()) for name in (old, new))
        if not exit_zero:
            baseline.refuse_failed(before.document, before.name)
    except TinybenchError as error:
        print(f"tinybench: error: {shown(error)}", file=sys.stderr)
        return Exit.NOTHING_TO_JUDGE
    changes = compare.compare(before.document, after.document, beyond)
    judgement = gates.judge(rules, changes)
    # A benchmark may fail before it measures anything that could be compared.
    for name in baseline.failures(after.document):
        if name not in judgement.failures:
            judgement.fail(name, f"{name}: failed in {after.name}", "failed benchmarks")
    ended = Exit.OK if exit_zero else status(judgement)
    # A file keeps what it is given: colours are for who looks on now.
    coloured = to is None and streams.has_colours()
    _write(_rendered(form, before, after, changes, judgement, ended, coloured), to)
    for line in report.failures(judgement):
        print(line, file=sys.stderr)
    for line in judgement.blind[: report.FAILURES]:
        print(f"tinybench: error: {named(line, gates.BLIND)}", file=sys.stderr)
    if (more := len(judgement.blind) - report.FAILURES) > 0:
        print(f"… and {more} more that could not be judged", file=sys.stderr)
    return ended


def status(judgement: Judgement) -> Exit:
    """The exit status that a judgement means."""
    if judgement.failures:
        return Exit.FAILED
    return Exit.NOTHING_TO_JUDGE if judgement.blind else Exit.OK


def _rendered(
    form: str,
    old: Baseline,
    new: Baseline,
    changes: Sequence[Change],
    judgement: Judgement,
    ended: Exit,
    coloured: bool,
) -> str:
    others = compare.changed_versions(old.document, new.document)
    if form == "markdown":
        return report.markdown(changes, f"{old.name} → {new.name}", _said(judgement), others)
    if form == "csv":
        return report.csv(changes)
    if form == "json":
        return report.as_json(
            changes,
            old=old.name,
            new=new.name,
            versions=others,
            exit_status=ended,
            failures=judgement.lines,
            not_judged=judgement.blind,
        )
    if form == "bencher":
        return report.bencher(new.document)
    if form.startswith("github-action-benchmark"):
        direction = "higher" if form.endswith("-bigger") else "lower"
        return report.github_action_benchmark(new.document, changes, direction)
    lines = [
        _coloured(line, verdict) if coloured else line for line, verdict in report.terminal(changes)
    ]
    versions = [f"{report.VERSIONS}: {others}"] if others else []
    return "\n".join([f"{old.name} → {new.name}", *versions, *lines]) + "\n"


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
    code = COLOURS.get(verdict)
    return f"\033[{code}m{line}\033[0m" if code else line
