"""The exit statuses of the command line; docs/reference/cli.md has them as a table."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """How a subcommand ended. `tinybench emulate` ends as its program does, unless with NO_END."""

    OK = 0
    FAILED = 1
    """It looked, and the answer is no: worse, missing, different, unsound, refused, none fits."""
    ERROR = 2
    """It could not look: an option, a file or a name is wrong. Nothing was written."""
    UNDECIDED = 3
    """Timing ended before the two models could be told apart."""
    NOTHING_TO_JUDGE = 4
    """A comparison that says nothing must not pass; pytest's status for a gate that is blind."""
    NO_END = 70
    """An emulated program did not run to its end (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """By Ctrl+C, as a shell reports it: 128 + SIGINT."""
    BROKEN_PIPE = 141
    """Nobody reads any further, as a shell reports it: 128 + SIGPIPE."""
