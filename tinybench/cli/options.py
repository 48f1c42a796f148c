"""Options that several subcommands have, each with one spelling, and the types of values."""

from __future__ import annotations

import argparse
import contextlib
import re
from pathlib import Path

from tinybench.storage.cache_folder import CACHE_FOLDER, CACHE_VARIABLE, cache_folder

LATEST = Path("results/latest.json")
BASELINE = Path("results/baseline.json")
DAY = 86_400.0
MAX_SECONDS = 1e6  # waiting longer than threads and processes can be told to is an error


def add_place(parser: argparse.ArgumentParser, what: str, default: str) -> None:
    """`--on`: the board or the runtime, whichever a command takes."""
    parser.add_argument(
        "--on",
        default=default,
        metavar="NAME",
        help=f"{what}, see `tinybench list` (default: {default})",
    )


def add_json(parser: argparse._ActionsContainer) -> None:
    """`--json`: what is printed, for programs."""
    parser.add_argument("--json", action="store_true", help="Print JSON")


def add_cache(parser: argparse.ArgumentParser, what: str = "Cache folder") -> None:
    """`--cache`: where what is slow to make is kept."""
    parser.add_argument(
        "--cache",
        type=Path,
        default=cache_folder(Path.cwd()),
        metavar="DIR",
        help=f"{what} (default: ${CACHE_VARIABLE} or ./{CACHE_FOLDER})",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """`--data` and `--labels`, which put tasks on other data before the command runs."""
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        dest="data_of_tasks",
        metavar="TASK=DIR",
        help="Your own data, such as keyword=DIR with DIR/<word>/*.wav",
    )
    parser.add_argument(
        "--labels",
        action="append",
        default=[],
        dest="labels_of_tasks",
        metavar="TASK=NAME,...",
        help="Other classes, such as keyword=fire,anna",
    )


def add_task_module(parser: argparse.ArgumentParser, *, asks: bool = True) -> None:
    """`--task-module`: a command that has it knows what a user's project adds, see `cli.own`.

    `asks` says that it needs those only which it names; otherwise all are loaded, and need not be.
    """
    parser.set_defaults(asks_tasks=asks)
    parser.add_argument(
        "--task-module",
        action="append",
        default=[],
        metavar="MODULE|FILE.py",
        help="Load this, too, which adds tasks and more; repeatable. The conftest.py of this "
        "folder and of those above it, up to pytest's rootdir, are loaded without it",
    )


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def whole(text: str) -> int:
    """A whole number."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def size(text: str) -> int:
    """`512K` or `16M` in bytes."""
    if not (match := re.fullmatch(r"(\d{1,10})([KMG]?)(i?B)?", text, re.IGNORECASE)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 512K or 16M")
    return int(match[1]) * UNITS[match[2].upper()]


def seconds(text: str) -> float:
    """A time that can be waited for."""
    with contextlib.suppress(ValueError):
        if 0 < (value := float(text)) <= MAX_SECONDS:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")


def age(text: str) -> float:
    """`30d` or `12h` in seconds."""
    if not (match := re.fullmatch(r"(\d{1,6})([dh])", text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not an age such as 30d or 12h")
    return int(match[1]) * (DAY if match[2] == "d" else DAY / 24)


def names(text: str) -> tuple[str, ...]:
    """`fire,anna`: each name once."""
    found = tuple(name.strip() for name in text.split(","))
    if not all(found) or len(set(found)) < len(found):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty or a double name")
    return found
