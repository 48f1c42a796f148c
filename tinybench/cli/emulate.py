"""`tinybench emulate`: a whole program on an emulated board, from reset to its exit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tinybench.boards import BOARDS, DEFAULT_BOARD, FirmwareBoard
from tinybench.boards.base import TIMEOUT_SECONDS, NoBoardError
from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.errors import TinybenchError, shown
from tinybench.storage.store import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Run an ELF file from reset to its exit. What the program prints comes out, and its exit "
        "status is this one's."
    )
    parser.epilog = examples(
        "emulate firmware.elf --on cortex-m33",
        status=f"the program's; {Exit.NO_END:d} if it could not be run to its end",
    )
    parser.add_argument("elf", type=Path, metavar="FILE.elf", help="The program")
    options.add_place(parser, "Emulated board", DEFAULT_BOARD)
    parser.add_argument(
        "--timeout",
        type=options.seconds,
        default=TIMEOUT_SECONDS,
        metavar="SECONDS",
        help=f"Stop a program that takes longer (default: {TIMEOUT_SECONDS:g})",
    )
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=lambda given: run(given.elf, given.on, given.timeout, given.cache))


def run(path: Path, on: str, timeout: float, cache: Path) -> int:
    """Run the program and return its exit status, or NO_END."""
    try:
        board = BOARDS.get(on)
        if not isinstance(board, FirmwareBoard):
            raise NoBoardError(f"{on} does not run whole programs")
        ended = board.run_firmware(path.read_bytes(), Store(cache), timeout)
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
        return Exit.NO_END
    except TinybenchError as error:
        print(f"{path}: {shown(error)}", file=sys.stderr)
        return Exit.NO_END
    print(ended.output, end="")
    return ended.status
