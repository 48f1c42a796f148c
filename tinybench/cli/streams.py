"""Standard output that nobody reads: `tinybench list | head` ends quietly."""

from __future__ import annotations

import contextlib
import os
import sys

STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}


def open_closed() -> None:
    """Let what was closed, as by `>&-`, be read from and written to nowhere.

    Otherwise the next file that is opened would take its number, and get what is printed.
    """
    # In this order each of them gets its own number: the lowest that is free.
    for name, mode in STREAMS.items():
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, mode, encoding="utf-8"))


def discard() -> None:
    """Let what is still to be printed go nowhere: Python would complain when it exits."""
    handle = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        # Under pytest they are no files.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(handle, stream.fileno())
    os.close(handle)
