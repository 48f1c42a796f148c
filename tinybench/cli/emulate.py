"""`python -m tinybench.boards run firmware.elf --board cortex-m4`: a whole program, emulated.

What the program prints comes out, and its exit status is this one's.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tinybench.boards import BOARDS, DEFAULT_BOARD, FirmwareBoard
from tinybench.boards.base import TIMEOUT_SECONDS
from tinybench.errors import TinybenchError
from tinybench.storage.cache_folder import CACHE_FOLDER, CACHE_VARIABLE
from tinybench.storage.store import Store

FAILED = 70
"""Exit status when the program could not be run to its end (EX_SOFTWARE of sysexits.h)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tinybench.boards", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="Run an ELF file from reset to its exit")
    run.add_argument("elf", type=Path, help="The program")
    run.add_argument("--board", default=DEFAULT_BOARD, help="Name of the board (%(default)s)")
    run.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT_SECONDS,
        metavar="SECONDS",
        help="Stop a program that takes longer (%(default)g)",
    )
    options = parser.parse_args(arguments)
    try:
        board = BOARDS.get(options.board)
        if not isinstance(board, FirmwareBoard):
            raise TinybenchError(f"{options.board} does not run whole programs")
        store = Store(Path(os.environ.get(CACHE_VARIABLE) or CACHE_FOLDER))
        ended = board.run_firmware(options.elf.read_bytes(), store, options.timeout)
    except OSError as error:
        print(f"{options.elf}: {error.strerror}", file=sys.stderr)
        return FAILED
    except TinybenchError as error:
        print(f"{options.elf}: {error}", file=sys.stderr)
        return FAILED
    print(ended.output, end="", flush=True)
    return ended.status


if __name__ == "__main__":
    sys.exit(main())
