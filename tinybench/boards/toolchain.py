"""The compiler: zig's C compiler, an ordinary Python package that can build for every board."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from tinybench.boards.base import BoardError, NoBoardError
from tinybench.errors import missing_packages

COMPILER = "ziglang"
COMPILER_VARIABLES = ("CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH")
"""Settings of the user's that would get into the build."""
TIMEOUT_SECONDS = 300
"""Of one compiler run; the first one for a target also builds the compiler's own library."""


class CompileError(BoardError):
    """The compiler or the linker refused; `output` is all that it said."""

    page = "compiler-failed"

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


def missing(*modules: str) -> str | None:
    """Why nothing can be built for boards, or run on them, without these modules; or None."""
    return missing_packages("an emulated board", *modules)


def version() -> str:
    """The compiler's version: every cached build depends on it."""
    if reason := missing(COMPILER):
        raise NoBoardError(reason)
    return metadata.version(COMPILER)


def compile_(
    files: Mapping[str, bytes], arguments: Sequence[str], output: str, folder: Path, cache: Path
) -> bytes:
    """Run the compiler on these files and return the file that it made.

    It works in `folder`, with relative paths only, so that no path of this machine gets into its
    output. `cache` keeps its libraries; runs at the same time may share it.
    """
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    environment = {
        **{name: value for name, value in os.environ.items() if name not in COMPILER_VARIABLES},
        "ZIG_GLOBAL_CACHE_DIR": str(cache.resolve()),
        "ZIG_LOCAL_CACHE_DIR": str(folder / "zig"),
    }
    command = [sys.executable, "-m", COMPILER, "cc", *arguments, "-o", output]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise CompileError(f"the compiler did not finish within {TIMEOUT_SECONDS} s", "") from None
    if done.returncode or not (folder / output).is_file():
        said = done.stderr.decode(errors="replace")
        raise CompileError(_first_diagnostic(said), said)
    return (folder / output).read_bytes()


def _first_diagnostic(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\berror:", line)]
    return (errors or lines or ["the compiler failed without a message"])[0]


def host() -> str:
    """The kind of machine that code for this computer runs on."""
    return f"{platform.system()}-{platform.machine()}"
