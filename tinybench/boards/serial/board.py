"""A board at a serial port, as every other board."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybench.boards import toolchain
from tinybench.boards.base import TIMEOUT_SECONDS, BoardError, Image
from tinybench.boards.serial import firmware
from tinybench.boards.serial.flashing import flash
from tinybench.boards.serial.link import Link
from tinybench.boards.serial.session import SerialSession
from tinybench.boards.serial.wire import PortWire, SerialError, Wire
from tinybench.errors import missing_packages
from tinybench.storage.hashing import of_bytes

if TYPE_CHECKING:
    from tinybench.boards.targets import Target
    from tinybench.codegen.program import Program
    from tinybench.storage.store import Store

FIRST_TRIES = 3
"""Of a board that will be flashed if it does not answer."""


@dataclass(frozen=True, slots=True)
class SerialBoard:
    """A processor that answers at a port, with firmware of its own; `timeout` is of an inference.

    With a `flash` command the model is written to the board when another is there. Without one the
    board must have it.
    """

    name: str
    target: Target
    firmware: firmware.Firmware
    port: str
    baud: int
    flash: str | None
    clock_hz: int | None
    folder: Path
    timeout: float = TIMEOUT_SECONDS
    identity: None = None
    """What it answers is not kept: the clock of a real board is seen by nobody."""
    default: bool = False

    @property
    def summary(self) -> str:
        return f"{self.target.summary}, at {self.port}"

    @property
    def flash_bytes(self) -> int:
        return self.firmware.flash.size

    @property
    def ram_bytes(self) -> int:
        return self.firmware.ram.size

    @property
    def time_basis(self) -> str | None:
        clock = f" at {self.clock_hz / 1e6:g} MHz" if self.clock_hz else ""
        return f"the counter of the board itself{clock}, the least of several inferences"

    def unavailable(self) -> str | None:
        return missing_packages("a board at a serial port", "serial") or toolchain.missing(
            "ziglang", "elftools"
        )

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        programs = tuple(programs) if isinstance(programs, Sequence) else (programs,)
        if len(programs) != 1:
            raise BoardError(f"{self.name}: the harness has one model, not {len(programs)}")
        return firmware.image(self.target, self.firmware, programs[0], store)

    @contextlib.contextmanager
    def start(self, image: Image, store: Store | None = None) -> Iterator[SerialSession]:
        if image.board != self.name:
            raise BoardError(f"an image for {image.board} does not run on {self.name}")
        with _locked(self.port), contextlib.ExitStack() as closing:
            link, said = self._connected(image, closing)
            yield SerialSession(link, image.programs[0], said, self.clock_hz, self.timeout)

    def with_timeout(self, seconds: float) -> SerialBoard:
        return replace(self, timeout=seconds)

    def _connected(
        self, image: Image, closing: contextlib.ExitStack
    ) -> tuple[Link, dict[str, Any]]:
        """A conversation with the board, which has the image's model."""
        expected = firmware.contents(image.elf)
        wire = self._open(closing)
        if self.flash is not None:
            with contextlib.suppress(SerialError):
                link = Link(self.name, wire)
                said = link.hello(FIRST_TRIES)
                if said.get("build") == expected.build:
                    return link, said
            # The command may need the port for itself.
            wire.close()
            flash(self.name, self.flash, self.port, image.elf, self.folder)
            wire = self._open(closing)
        link = Link(self.name, wire)
        said = link.hello()
        if self.flash is not None and said.get("build") != expected.build:
            raise SerialError(
                f"{self.name}: the flash command ended well, and the board still has other "
                f"firmware (build {said.get('build') or 'unknown'}); does it write to this board?"
            )
        if said["value"] != expected.model:
            raise SerialError(
                f"{self.name}: the board has the model {said['value'][:12]}…, not "
                f"{expected.model[:12]}…; flash the harness of this one, or set flash"
            )
        return link, said

    def _open(self, closing: contextlib.ExitStack) -> Wire:
        wire = PortWire(self.port, self.baud)
        closing.callback(wire.close)
        return wire


@contextlib.contextmanager
def _locked(port: str) -> Iterator[None]:
    """Held from the first word to the last, also while a flash command has the port."""
    from filelock import FileLock, Timeout

    user = getattr(os, "getuid", int)()
    number = of_bytes(os.path.realpath(port).encode())[:16]
    lock = FileLock(Path(tempfile.gettempdir()) / f"tinybench-{user}-{number}.lock", blocking=False)
    try:
        with lock:
            yield
    except Timeout:
        raise SerialError(
            f"{port}: another run of tinybench uses the port; wait for its end"
        ) from None
