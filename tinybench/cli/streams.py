"""Standard output that nobody reads: `tinybench list | head` ends quietly."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from tinybench.console.capture import no_warning_is_error

Say = Callable[[str], None]
"""Prints a line for people."""
STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}


def has_colours() -> bool:
    """Whether standard output is to have colours: a terminal that shows them, unless it is said.

    https://no-color.org and https://force-color.org; `dumb` is a terminal without any.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def teller(as_json: bool) -> Say:
    """Prints on standard output, or with `--json`, which alone stands there, on standard error."""
    return functools.partial(print, file=sys.stderr) if as_json else print


def open_closed() -> None:
    """Let what was closed, as by `>&-`, be read from and written to nowhere.

    Otherwise the next file that is opened would take its number, and get what is printed.
    """
    # In this order each of them gets its own number: the lowest that is free.
    for name, mode in STREAMS.items():
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, mode, encoding="utf-8"))


@contextlib.contextmanager
def bare_warnings() -> Iterator[None]:
    """Let our own warnings be their line alone: the place in our code tells a user nothing.

    And none an error, which would be a traceback.
    """
    usual = warnings.formatwarning

    def bare(message: Any, *place: Any, **more: Any) -> str:
        text = str(message)
        return f"{text}\n" if text.startswith("tinybench: ") else usual(message, *place, **more)

    warnings.formatwarning = bare
    try:
        with no_warning_is_error():
            yield
    finally:
        warnings.formatwarning = usual


def discard() -> None:
    """Let what is still to be printed go nowhere: Python would complain when it exits."""
    handle = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        # Under pytest they are no files.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(handle, stream.fileno())
    os.close(handle)
