"""`tinybench check`: is a published results folder sound?"""

from __future__ import annotations

import sys
from pathlib import Path

from tinybench.cli import published


def run(folder: Path) -> int:
    """Name every problem; 1 if there is one."""
    found = published.problems(folder)
    for line in found:
        print(line)
    if found:
        print(f"{len(found)} problem{'s' if len(found) > 1 else ''} in {folder}", file=sys.stderr)
        return 1
    print(f"{folder}: document, hashes, bounds, tables and divisions are sound")
    return 0
