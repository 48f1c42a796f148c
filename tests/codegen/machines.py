"""The processors that programs are compared on, and this computer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tinybench.boards import BOARDS
from tinybench.storage.store import Store

from ..components import require
from . import host
from .batch import Example, Session, images, mismatches

THIS_COMPUTER = "host"
# Scalar code, SIMD code, and scalar code where 64-bit products are one instruction.
MACHINES = ("cortex-m0plus", "cortex-m4", "cortex-m4-nodsp", THIS_COMPUTER)


@contextlib.contextmanager
def started(
    machine: str, examples: Sequence[Example], folder: Path, store: Store
) -> Iterator[Session]:
    """A session with the programs of these examples; skip where the machine cannot be used."""
    programs = [example.program for example in examples]
    if machine == THIS_COMPUTER:
        host.require_compiler()
        yield host.build(programs, folder)
        return
    board = BOARDS.get(machine)
    require(machine)
    image = board.build(programs, store)
    missing = {"-Wall", "-Wextra", "-Wconversion", "-Werror"}.difference(image.toolchain.flags)
    assert not missing, f"{machine} builds without {missing}"
    with board.start(image, store) as session:
        yield session


def differing(machine: str, examples: Sequence[Example], folder: Path, store: Store) -> list[str]:
    """A line for each example that gives other bytes on a machine."""
    found = []
    for number, part in enumerate(images(examples)):
        with started(machine, part, folder / str(number), store) as session:
            found += mismatches(session, part)
    return found
