"""What libraries say: what one of C writes to standard error, as text, and Python's warnings.

The converter chats there, TFLM gives its reasons and its arena figures only there. Of warnings
users may make errors: of their own, not of what TensorFlow does.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator

STDERR = 2
HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
"""The warnings that Python shows to nobody who did not ask for them."""


class Captured:
    """Filled when the `with` block ends."""

    text: str = ""

    def lines(self) -> list[str]:
        """Stripped lines that are not empty."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]


@contextlib.contextmanager
def stderr() -> Iterator[Captured]:
    """Redirect file descriptor 2 of this process for a moment."""
    captured = Captured()
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    saved = os.dup(STDERR)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), STDERR)
        try:
            yield captured
        finally:
            os.dup2(saved, STDERR)
            os.close(saved)
            file.seek(0)
            captured.text = file.read().decode(errors="replace")


@contextlib.contextmanager
def no_warning_is_error() -> Iterator[None]:
    """Where warnings are errors, let them be what they are without any option for a moment.

    `-W error` is meant for a user's tests. TensorFlow warns at import and in between, and takes an
    error of its AutoGraph for a function that it cannot compile.
    """
    with warnings.catch_warnings():
        if any(action == "error" for action, *_ in warnings.filters):
            warnings.resetwarnings()
            for kind in HIDDEN:
                warnings.simplefilter("ignore", kind)
        yield
