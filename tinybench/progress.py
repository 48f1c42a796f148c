"""Progress bars on standard error for long work, silent where nobody watches."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with (done, total) units of work, from 0 on."""


def silent(done: int, total: int) -> None:
    """Report nothing."""


def bar(title: str, unit: str) -> Progress:
    """A tqdm bar that shows itself on a terminal only."""
    from tqdm import tqdm

    shown: tqdm[None] | None = None

    def report(done: int, total: int) -> None:
        nonlocal shown
        if shown is None:
            # None: a bar on a terminal, nothing in a log file.
            shown = tqdm(total=total, desc=title, unit=unit, disable=None, leave=False)
        shown.update(done - shown.n)
        if done >= total:
            shown.close()
            shown = None

    return report
