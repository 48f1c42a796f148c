"""Text that C code writes to standard error."""

import os

from tinybench.console import capture


def test_captures_what_bypasses_python() -> None:
    with capture.stderr() as said:
        os.write(2, b"from C\n\n  and more \n")

    assert said.lines() == ["from C", "and more"]


def test_restores_after_an_error() -> None:
    before = os.fstat(2)
    try:
        with capture.stderr() as said:
            os.write(2, b"last words")
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass

    assert said.text == "last words"
    assert os.fstat(2).st_ino == before.st_ino
