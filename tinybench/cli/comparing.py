"""Arguments of `tinybench compare`, `accept` and `check`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinybench.storage.cache_folder import cache_folder

LATEST = Path("results/latest.json")
BASELINE = Path("results/baseline.json")
FORMATS = (
    "terminal",
    "markdown",
    "csv",
    "json",
    "github-action-benchmark",
    "github-action-benchmark-bigger",
    "bencher",
)
COMPARE = """\
A and B are result documents, files of pytest-benchmark, or git commits that hold
results/baseline.json; COMMIT... is the merge base of that commit and HEAD.

Verdicts: improved, regressed, no change, within noise (less than the metric's tolerance, or than
float sums move on another processor: the metric rounding), new, missing, not comparable (other
data, calibration set, definition, compiler or machine).
Times of two runs are shown and never gated.

gates (--fail-on): METRIC:LIMIT, comma-separated
  mse:2%                  mse may get worse by 2 % of its old value
  tflite_bytes:0          no file may grow
  arena_bytes:64          by 64 B, the metric's own unit
  sine-*:mse:5%           only tasks of this name; the last gate that matches counts
  */int8:mse:5%           only this variant; */int8/cortex-m4:instructions:1% on this board
  *_bytes:0               wildcards in metrics, too: all that are exact
A benchmark that is missing from B fails whatever the gates are about.

formats: markdown is for the comment on a pull request. These have the values of B only:
github-action-benchmark (metrics where lower is better, for its tool customSmallerIsBetter),
github-action-benchmark-bigger (the others, for customBiggerIsBetter) and bencher (Bencher Metric
Format).
"""
COMPARE_STATUS = """\
exit status: 0 fine; 1 something is worse than a gate allows, or missing; 4 nothing to judge by: no
such document, another schema, a gate that is misspelt, or runs that are not comparable.

examples:
  tinybench compare results/baseline.json results/latest.json --fail-on 'mse:2%,tflite_bytes:0'
  tinybench compare origin/main... HEAD --format markdown
"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the three commands."""
    compare = commands.add_parser(
        "compare",
        help="Say what got better or worse between two runs, and fail if it is too much",
        description=COMPARE,
        epilog=COMPARE_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    compare.add_argument("old", metavar="A", help="Document, pytest-benchmark file or commit")
    compare.add_argument("new", metavar="B", help="The same, measured later")
    compare.add_argument("--format", choices=FORMATS, default="terminal", help="Default: terminal")
    compare.add_argument("--fail-on", default="", metavar="GATES", help="See above")
    compare.add_argument(
        "--across",
        default="",
        metavar="WHAT",
        help="Compare although runs differ in this: data, calibration, definition, compiler or "
        "machine, comma-separated",
    )
    compare.add_argument("--to", type=Path, metavar="FILE", help="Write there, not to the terminal")
    compare.set_defaults(run=_compare)

    accept = commands.add_parser(
        "accept",
        help="Make a run the baseline",
        description="Show what changed against the baseline, and make the document the baseline. "
        "Commit it, and a review shows each metric that changed as one line. A document of a run "
        "that failed is refused, and one that lacks benchmarks of the baseline.",
        epilog="Exit status: 0; 1 if the document is refused; 2 for an error.",
    )
    accept.add_argument(
        "document",
        nargs="?",
        type=Path,
        default=LATEST,
        metavar="DOCUMENT",
        help=f"Default: {LATEST}",
    )
    accept.add_argument(
        "--baseline", type=Path, default=BASELINE, metavar="FILE", help=f"Default: {BASELINE}"
    )
    accept.add_argument(
        "--remove", action="store_true", help="Benchmarks that are missing are gone on purpose"
    )
    accept.add_argument(
        "--cache",
        type=Path,
        default=cache_folder(Path.cwd()),
        metavar="DIR",
        help="Where the run kept its models; they are stored beside the baseline, for `time`",
    )
    accept.set_defaults(run=_accept)

    check = commands.add_parser(
        "check",
        help="Check that a published results folder is sound",
        description="Check baseline.json and what was made from it: schema; data sets, calibration "
        "sets, definitions and checkpoints by their hashes; quality bounds; that tables and CSV "
        "files are, byte for byte, what the document gives; that no table ranks open variants "
        "with closed ones.",
        epilog="Exit status: 0; 1 if there is a problem; each is one line.",
    )
    check.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=BASELINE.parent,
        metavar="FOLDER",
        help="Default: results",
    )
    check.set_defaults(run=_check)


# Each imports what it needs when it runs, as in `main`.
def _compare(options: argparse.Namespace) -> int:
    from tinybench.cli.compare import run

    return run(
        options.old, options.new, options.format, options.fail_on, options.across, options.to
    )


def _accept(options: argparse.Namespace) -> int:
    from tinybench.cli.accept import run

    return run(options.document, options.baseline, options.remove, options.cache)


def _check(options: argparse.Namespace) -> int:
    from tinybench.cli.check import run

    return run(options.folder)
