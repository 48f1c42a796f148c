"""Text that C code writes to standard error."""

import os
import warnings

import pytest

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


def test_no_warning_is_an_error_for_a_moment() -> None:
    """Shown to who listens, or not, as without any option; and as before afterwards."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("error")
        with capture.no_warning_is_error():
            warnings.warn("told", UserWarning, stacklevel=1)
            warnings.warn("hidden", DeprecationWarning, stacklevel=1)
        with pytest.raises(UserWarning):
            warnings.warn("raised", UserWarning, stacklevel=1)

    assert [str(one.message) for one in heard] == ["told"]


def test_filters_that_raise_nothing_stay() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with capture.no_warning_is_error():
            warnings.warn("asked for", DeprecationWarning, stacklevel=1)

    assert len(heard) == 1
