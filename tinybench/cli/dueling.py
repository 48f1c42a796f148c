"""Arguments of `tinybench time`."""

from __future__ import annotations

import argparse
import math

from tinybench.console.arguments import percentage

MAX_SECONDS = 1e6
TIME = """\
Time two models against each other in one process: blocks of A B B A, both loaded anew every few
milliseconds, until the bootstrap interval of the median ratio is as narrow as the noise threshold.

A and B are FILE.tflite, TASK/VARIANT of this code, or TASK/VARIANT@COMMIT, the baseline that
`tinybench accept` stored in that commit. A is the old side, B the new one.

Verdicts: improved or regressed (the whole interval lies beyond the threshold), no change or within
noise (it lies within; in the second it excludes equality), undecided (neither).
"""
STATUS = """\
exit status: 0 improved, no change or within noise; 1 regressed; 2 error; 3 undecided.

examples:
  tinybench time sine-8/int8@HEAD sine-8/int8
  tinybench time old.tflite new.tflite --on tflm --threshold 1%
"""


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    """Declare the command."""
    time = commands.add_parser(
        "time",
        help="Say which of two models is faster on this computer, if either is",
        description=TIME,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    time.add_argument("a", metavar="A", help="The old model")
    time.add_argument("b", metavar="B", help="The new one")
    time.add_argument(
        "--on",
        default="litert",
        metavar="NAME",
        help="Runtime, see `tinybench list runtimes` (default: litert)",
    )
    time.add_argument(
        "--threshold",
        type=percentage,
        default=0.02,
        metavar="PERCENT",
        help="Smaller changes are noise (default: 2%%)",
    )
    time.add_argument(
        "--seconds",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="Stop after this, decided or not (default: 30)",
    )
    time.add_argument("--json", action="store_true", help="Print one JSON object")
    time.set_defaults(run=_time)
    return time


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


# Imports what it needs when it runs, as in `main`.
def _time(options: argparse.Namespace) -> int:
    from tinybench.cli.time import Request, run

    return run(
        Request(
            a=options.a,
            b=options.b,
            on=options.on,
            threshold=options.threshold,
            seconds=options.seconds,
            cache=options.cache,
            as_json=options.json,
        )
    )
