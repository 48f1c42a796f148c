"""`tinybench time`: which of two models is faster on this computer, if either is."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from tinybench.artifacts import Artifacts
from tinybench.cli import options
from tinybench.cli.status import Exit
from tinybench.console import progress
from tinybench.console.arguments import percentage
from tinybench.runtimes import RUNTIMES
from tinybench.runtimes.base import NoRuntimeError
from tinybench.storage.store import Store
from tinybench.timing import outcome, sides
from tinybench.timing.outcome import PairedTiming, Rules
from tinybench.timing.paired import time_pair

DESCRIPTION = """\
Time two models against each other in one process: blocks of A B B A, both loaded anew every few
milliseconds, until the bootstrap interval of the median ratio is as narrow as the noise threshold.

A and B are FILE.tflite, TASK/VARIANT of this code, or TASK/VARIANT@COMMIT, the baseline that
`tinybench accept` stored in that commit. A is the old side, B the new one.

Verdicts: improved or regressed (the whole interval lies beyond the threshold), no change or within
noise (it lies within; in the second it excludes equality), undecided (neither).
"""
EPILOG = """\
exit status: 0 improved, no change or within noise; 1 regressed; 2 error; 3 undecided.

examples:
  tinybench time sine-8/int8@HEAD sine-8/int8
  tinybench time old.tflite new.tflite --on tflm --threshold 1%
"""

STATUS = {"regressed": Exit.FAILED, "undecided": Exit.UNDECIDED}


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one paired timing, as `--help` describes them."""

    a: str
    b: str
    on: str
    threshold: float
    seconds: float
    cache: Path
    as_json: bool


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("a", metavar="A", help="The old model")
    parser.add_argument("b", metavar="B", help="The new one")
    options.add_place(parser, "Runtime", "litert")
    parser.add_argument(
        "--threshold",
        type=percentage,
        default=0.02,
        metavar="PERCENT",
        help="Smaller changes are noise (default: 2%%)",
    )
    parser.add_argument(
        "--seconds",
        type=options.seconds,
        default=30.0,
        metavar="SECONDS",
        help="Stop after this, decided or not (default: 30)",
    )
    options.add_json(parser)
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    return run(
        Request(
            a=given.a,
            b=given.b,
            on=given.on,
            threshold=given.threshold,
            seconds=given.seconds,
            cache=given.cache,
            as_json=given.json,
        )
    )


def run(request: Request) -> int:
    """Time, print and keep the samples; 1 if B regressed, 3 if it could not be decided, else 0."""
    runtime = RUNTIMES.get(request.on)
    if reason := runtime.unavailable():
        raise NoRuntimeError(reason)
    artifacts = Artifacts(Store(request.cache), progress.bar)
    a, b = (sides.find(name, runtime, artifacts, Path.cwd()) for name in (request.a, request.b))
    rules = Rules(threshold=request.threshold, seconds=request.seconds)
    found = time_pair(a, b, rules, progress=progress.bar("time", "s"))
    path = outcome.keep(found, request.cache, "time")
    if request.as_json:
        value = found.to_dict() | {"runtime": request.on, "samples": str(path)}
        print(json.dumps(value, indent=1, allow_nan=False))
    else:
        print(describe(found, request.on))
        print(f"Samples: {path}")
    return STATUS.get(found.verdict, Exit.OK)


def describe(found: PairedTiming, runtime: str) -> str:
    """What came out, in words: both sides, the verdict, how it was found, what disturbed it."""
    lines = []
    names = found.a, found.b
    width = max(map(len, names))
    sides = zip("AB", names, found.medians_us, found.outliers, found.sha256, strict=True)
    for letter, name, median, outliers, sha256 in sides:
        lines.append(
            f"{letter}  {name.ljust(width)}  {median:.4g} µs on {runtime}, outliers "
            f"{outliers.total} of {outliers.samples} samples ({outliers.severe} severe), "
            f"sha256 {sha256[:12]}"
        )
    lines += ["", outcome.summary(found), outcome.effort(found)]
    lines += [f"note: {line}" for line in found.conditions.advice()]
    return "\n".join(lines)
