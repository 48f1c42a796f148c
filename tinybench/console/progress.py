"""Progress bars on standard error for long work, silent where nobody watches."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Progress = Callable[[int, int], None]
"""Called with (done, total) units of work, from 0 on."""


DELAY = 1.0
"""Seconds: what takes no longer needs no bar."""
_OPEN: weakref.WeakSet[Any] = weakref.WeakSet()
"""Bars that may stand on the terminal."""


def silent(done: int, total: int) -> None:
    """Report nothing."""


def bar(title: str, unit: str) -> Progress:
    """A tqdm bar that shows itself on a terminal only."""
    from tqdm import tqdm

    shown: tqdm[Any] = tqdm(desc=title, unit=unit, disable=_hidden(), leave=False, delay=DELAY)
    _OPEN.add(shown)

    def report(done: int, total: int) -> None:
        shown.total = total
        shown.update(done - shown.n)
        if done >= total:
            shown.close()

    return report


@contextmanager
def steps(title: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar of named steps: each call says which one begins."""
    from tqdm import tqdm

    shown: tqdm[Any]
    with tqdm(desc=title, total=total, unit="case", disable=_hidden(), leave=False) as shown:

        def begin(name: str) -> None:
            shown.set_postfix_str(name)
            begun.append(name)
            shown.update(len(begun) - 1 - shown.n)

        begun: list[str] = []
        yield begin


def clear() -> None:
    """Take every bar away whose work did not end: what is said next has a line of its own."""
    for shown in list(_OPEN):
        shown.close()


def _hidden() -> bool | None:
    """None: a bar on a terminal, nothing in a log file. A `dumb` one cannot go back in a line."""
    return True if os.environ.get("TERM") == "dumb" else None
