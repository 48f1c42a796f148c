"""Commands of a build, run as a user would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # This Python's own folder first: ziglang may be installed there only.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = dict(os.environ, PATH=path)
    if shutil.which("make") is None:
        environment["CMAKE_GENERATOR"] = "Ninja"
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
