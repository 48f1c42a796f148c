"""`tinybench time`: which of two models is faster on this computer, if either is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tinybench.artifacts import Artifacts
from tinybench.cli.status import Exit
from tinybench.console import progress
from tinybench.runtimes import RUNTIMES, RefusalError
from tinybench.storage.store import Store
from tinybench.timing import outcome, sides
from tinybench.timing.outcome import PairedTiming, Rules
from tinybench.timing.paired import time_pair

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


def run(request: Request) -> int:
    """Time, print and keep the samples; 1 if B regressed, 3 if it could not be decided, else 0."""
    runtime = RUNTIMES.get(request.on)
    if reason := runtime.unavailable():
        raise RefusalError(reason)
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
