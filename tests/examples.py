"""The fenced blocks of the documentation: what a reader copies, and what is said to be printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"# (\w+\.py)\n")


class Block(NamedTuple):
    """A block, the heading that it stands under, and the line at which it begins."""

    page: str
    heading: str
    line: int
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file that it is, if its first line says so."""
        found = NAMED.match(self.text) if self.language == "python" else None
        return found[1] if found else ""


def pages() -> list[str]:
    """Every page of the documentation, as a path from the root of the repository."""
    found = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md"))
    return ["README.md", "CONTRIBUTING.md", "firmware/README.md", *found]


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in its order."""
    found, heading, opened = [], "", 0
    lines = (ROOT / page).read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if opened:
                text = "".join(f"{each}\n" for each in lines[opened : number - 1])
                language = lines[opened - 1].removeprefix("```").strip()
                found.append(Block(page, heading, opened, language, text))
            opened = 0 if opened else number
        elif line.startswith("#") and not opened:
            heading = line.lstrip("# ")
    assert not opened, f"{page}:{opened}: this block has no end"
    return found


def shell(text: str, folder: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    """Run commands as a reader does, with this Python's programs first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "TINYBENCH_CACHE": str(cache), "COLUMNS": "200"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=500,
    )
