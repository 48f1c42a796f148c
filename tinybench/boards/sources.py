"""Where the boards' C sources are: inside an installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from tinybench.boards.base import NoBoardError

PACKAGE = Path(__file__).parents[1]


def firmware_root() -> Path:
    """The folder that holds `boards/`, `include/` and `src/`; BoardError if there is none."""
    for folder in (PACKAGE / "_firmware", PACKAGE.parent / "firmware"):
        if (folder / "include" / "board.h").is_file():
            return folder
    raise NoBoardError(
        f"the firmware sources are missing beside {PACKAGE}: install pytest-tinybench again"
    )
