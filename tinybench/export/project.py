"""The CMake project around an exported model, for those who have no checkout of it."""

from __future__ import annotations

import re
from pathlib import Path

from tinybench.boards.sources import firmware_root
from tinybench.export.folder import MANIFEST
from tinybench.storage.store import write_atomically

LEFT_OUT = ("model", "build")
"""Folders of the project that are somebody's own: the exported model and what was built."""
BESIDE = re.compile(r"\..+\.(lock|tinybench-.*)")
"""What an export keeps beside its folder."""


def add_project(folder: Path) -> list[str]:
    """Write the files that `folder` does not have yet; return their names. None is overwritten."""
    root = firmware_root()
    written = []
    for source in sorted(root.rglob("*")):
        name = source.relative_to(root)
        target = folder / name
        first = name.parts[0]
        exported = (root / first / MANIFEST).exists() or BESIDE.fullmatch(first)
        left_out = first in LEFT_OUT or exported
        if source.is_file() and not left_out and not target.exists():
            write_atomically(target, source.read_bytes())
            written.append(name.as_posix())
    return written
