"""Where the boards' C sources are: inside an installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

import tinybench
from tinybench.boards.base import BoardError


def firmware_root() -> Path:
    """The folder that holds `boards/`, `include/` and `src/`; BoardError if there is none."""
    package = Path(tinybench.__file__).parent
    for folder in (package / "_firmware", package.parent / "firmware"):
        if (folder / "include" / "board.h").is_file():
            return folder
    raise BoardError(
        f"the firmware sources are missing beside {package}: install pytest-tinybench again"
    )
