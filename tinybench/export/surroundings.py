"""What is around an exported folder, for the sentences that a user should read about it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tinybench.codegen.names import DEFAULT
from tinybench.export.folder import read_manifest


def changed_tracked(folder: Path) -> list[str]:
    """Files below a folder that git tracks and that differ from the last commit."""
    command = ["git", "-C", str(folder), "diff", "--name-only", "HEAD", "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.splitlines()


def of_prefix(folder: Path, prefix: str) -> list[Path]:
    """Other exports beside a folder whose names begin with the same prefix."""
    found = []
    for path in sorted(folder.resolve().parent.iterdir()):
        held = read_manifest(path)
        if held and path != folder.resolve() and held.get("prefix", DEFAULT) == prefix:
            found.append(path)
    return found
