"""`tinybench emulate`: a whole program on an emulated board, or one function of it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tinybench.boards import BOARDS, DEFAULT_BOARD, FirmwareBoard, prices
from tinybench.boards.base import TIMEOUT_SECONDS, Firmware, NoBoardError
from tinybench.boards.calls import call
from tinybench.boards.emulated import EmulatedBoard
from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.errors import TinybenchError, shown
from tinybench.storage.store import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Run an ELF file from reset to its exit. What the program prints comes out, and its exit "
        "status is this one's. With --function, call one function of it, at whatever addresses it "
        "is, and say what the call executed: without startup code, with variables at their "
        "initial values, all other memory zero, and memory that never lets the core wait."
    )
    parser.epilog = examples(
        "emulate firmware.elf --on cortex-m33",
        "emulate aes.elf --function encrypt --arguments key 0x20000000 --json",
        status=f"the program's; {Exit.NO_END:d} if it could not be run to its end",
    )
    parser.add_argument("elf", type=Path, metavar="FILE.elf", help="The program")
    parser.add_argument("--function", metavar="NAME", help="Call this function only, and count")
    parser.add_argument(
        "--arguments",
        nargs="+",
        default=[],
        metavar="WORD",
        help="For the function: integers, or symbols for their addresses",
    )
    parser.add_argument("--json", action="store_true", help="Print the function's counts as JSON")
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
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Run the program and return its exit status, or NO_END."""
    if given.function is None and (given.arguments or given.json):
        print("--arguments and --json need --function", file=sys.stderr)
        return Exit.ERROR
    try:
        return _call(given) if given.function else _run(given)
    except OSError as error:
        print(f"{given.elf}: {error.strerror}", file=sys.stderr)
    except TinybenchError as error:
        print(f"{given.elf}: {shown(error)}", file=sys.stderr)
    return Exit.NO_END


def _run(given: argparse.Namespace) -> int:
    board = BOARDS.get(given.on)
    if not isinstance(board, FirmwareBoard):
        raise NoBoardError(f"{given.on} does not run whole programs")
    ended: Firmware = board.run_firmware(given.elf.read_bytes(), Store(given.cache), given.timeout)
    print(ended.output, end="")
    return ended.status


def _call(given: argparse.Namespace) -> int:
    board = BOARDS.get(given.on)
    if not isinstance(board, EmulatedBoard):
        raise NoBoardError(f"{given.on} does not call single functions; emulated boards do")
    called = call(
        board,
        given.elf.read_bytes(),
        given.function,
        [_argument(text) for text in given.arguments],
        Store(given.cache),
        given.timeout,
    )
    told = {"board": board.name, **asdict(called), "time_basis": prices.core_basis(board.target)}
    if given.json:
        print(json.dumps(told, indent=2))
        return Exit.OK
    for name, value in told.items():
        shown_value = f"{value:,}" if isinstance(value, int) else value
        print(f"{name.replace('_', ' '):14}{'-' if value is None else shown_value}")
    return Exit.OK


def _argument(text: str) -> int | str:
    try:
        return int(text, 0)
    except ValueError:
        return text
