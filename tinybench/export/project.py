"""The CMake project around an exported model, for those who have no checkout of it."""

from __future__ import annotations

from pathlib import Path

from tinybench.boards.sources import firmware_root
from tinybench.storage.store import write_atomically

LEFT_OUT = ("model", "build")
"""Folders of the project that are somebody's own: the exported model and what was built."""
BESIDE = ".model."
"""How the names begin of what an export keeps beside its folder: a lock."""


def add_project(folder: Path) -> list[str]:
    """Write the files that `folder` does not have yet; return their names. None is overwritten."""
    root = firmware_root()
    written = []
    for source in sorted(root.rglob("*")):
        name = source.relative_to(root)
        target = folder / name
        left_out = name.parts[0] in LEFT_OUT or name.parts[0].startswith(BESIDE)
        if source.is_file() and not left_out and not target.exists():
            write_atomically(target, source.read_bytes())
            written.append(name.as_posix())
    return written
