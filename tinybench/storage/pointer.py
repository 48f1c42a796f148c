"""What git-lfs leaves in the place of a file that it has not fetched."""

from __future__ import annotations

from pathlib import Path

START = b"version https://git-lfs"
UNFETCHED = "a pointer of git-lfs, not the file itself; fetch that: git lfs pull"


def is_pointer(path: Path) -> bool:
    """Whether a file is only that."""
    with path.open("rb") as file:
        return file.read(len(START)) == START
