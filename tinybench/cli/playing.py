"""Arguments of `tinybench play`."""

from __future__ import annotations

import argparse
from pathlib import Path

PLAY = """\
Play a recording into the whole pipeline on an emulated board, from sound to words or from
acceleration to gestures, and compare all that comes out with the pipeline in Python.

FILE is sound (16-bit mono WAV at 16 kHz; with pytest-tinybench[audio] any WAV, FLAC, OGG or MP3) or
a CSV file with a reading x,y,z in milli-g on each line, at 25 Hz.
"""
STATUS = """\
exit status: 0 both pipelines gave the same; 1 they did not; 2 error.

examples:
  tinybench play keyword yes.wav
  tinybench play gesture wave.csv --variant qat-int8 --on cortex-m0plus
"""


def add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    """Declare the command."""
    play = commands.add_parser(
        "play",
        help="Play a recording into a task's pipeline on a board",
        description=PLAY,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    play.add_argument("task", metavar="TASK", help="A task of sound or motion")
    play.add_argument("file", type=Path, metavar="FILE", help="The recording")
    play.add_argument(
        "--variant",
        default="int8",
        metavar="NAME",
        help="See `tinybench list variants` (default: int8)",
    )
    play.add_argument(
        "--on",
        default="cortex-m4",
        metavar="BOARD",
        help="See `tinybench list boards` (default: cortex-m4)",
    )
    play.add_argument("--json", action="store_true", help="Print one JSON object")
    play.set_defaults(run=_play)
    return play


# Imports what it needs when it runs, as in `main`.
def _play(options: argparse.Namespace) -> int:
    from tinybench.cli.play import Request, run

    return run(
        Request(
            task=options.task,
            file=options.file,
            variant=options.variant,
            on=options.on,
            cache=options.cache,
            as_json=options.json,
        )
    )
