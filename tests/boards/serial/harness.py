"""The harness for this computer: the firmware in firmware/model, at the end of a wire."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tty
from collections.abc import Iterator
from pathlib import Path

from ...components import find

FIRMWARE = Path(__file__).parents[3] / "firmware"
SOURCES = ("src/harness.c", "boards/host/board.c", "model/model.c")


def built(folder: Path) -> Path:
    """The program, by this computer's compiler."""
    program = folder / "harness"
    subprocess.run(
        [
            *(
                str(find("C compiler")),
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-Wconversion",
                "-Wpedantic",
            ),
            *("-Werror", "-O1", "-Iinclude", "-Imodel", "-Imodel/kernels"),
            *(*SOURCES, "-o", str(program)),
        ],
        cwd=FIRMWARE,
        check=True,
        timeout=60,
    )
    return program


@contextlib.contextmanager
def terminal(program: Path) -> Iterator[str]:
    """The path of a serial port, which is a pseudo-terminal with the program at its other end."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        with subprocess.Popen([str(program)], stdin=ours, stdout=ours) as process:
            try:
                yield os.ttyname(theirs)
            finally:
                process.kill()
    finally:
        os.close(ours)
        os.close(theirs)
