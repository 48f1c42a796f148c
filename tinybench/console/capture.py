"""What a C library writes to standard error, as text.

The converter chats there, TFLM gives its reasons and its arena figures only there.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

STDERR = 2


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
