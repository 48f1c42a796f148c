"""Bars of progress: on a terminal while work is done, and nowhere else."""

from __future__ import annotations

import contextlib
import io

import pytest

from tinybench.console import progress


class Terminal(io.StringIO):
    """Standard error where somebody watches."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """What is left to be read: a line begun again covers the last."""
        shown = []
        for line in self.getvalue().split("\n"):
            cells: list[str] = []
            for part in line.split("\r"):
                cells[: len(part)] = part
            shown.append("".join(cells).rstrip())
        return shown


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "DELAY", 0)
    monkeypatch.setenv("TERM", "xterm")


def work(*, ends: bool = True) -> progress.Progress:
    """Both kinds of bars; what an error would keep of them."""
    with progress.steps("outer", 2) as step:
        step("first")
        step("second")
    report = progress.bar("inner", "epoch")
    for done in range(10 if ends else 5):
        report(done + 1, 10)
    return report


def test_a_bar_is_seen_and_disappears() -> None:
    with contextlib.redirect_stderr(Terminal()) as terminal:
        work()

    assert "outer" in terminal.getvalue()
    assert "inner" in terminal.getvalue()
    assert terminal.lines() == [""]


def test_a_bar_whose_work_failed_leaves_the_line_to_the_reason() -> None:
    with contextlib.redirect_stderr(Terminal()) as terminal:
        kept = work(ends=False)
        assert "inner" in terminal.lines()[0]
        progress.clear()
        terminal.write("tinybench: error: no space\n")
        del kept

    assert terminal.lines() == ["tinybench: error: no space", ""]


@pytest.mark.parametrize(("isatty", "term"), [(False, "xterm"), (True, "dumb")])
def test_silence_where_a_line_cannot_be_begun_again(
    isatty: bool, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log file, a pipe, an editor's shell."""
    monkeypatch.setenv("TERM", term)

    with contextlib.redirect_stderr(Terminal() if isatty else io.StringIO()) as said:
        work()

    assert said.getvalue() == ""
