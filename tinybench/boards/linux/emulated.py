"""Programs for Linux on another processor, in qemu-user: their bytes, not their time."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards import toolchain
from tinybench.boards.base import TIMEOUT_SECONDS, BoardError, Image, NoBoardError
from tinybench.boards.linux import build, requests
from tinybench.boards.linux.targets import LinuxTarget
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Program

GIB = 1 << 30
GRACE_SECONDS = 5.0
"""How much longer than its program the emulator may take."""


@dataclass(frozen=True, slots=True)
class LinuxBoard:
    """A kind of computer with Linux; `timeout` is for one request, in seconds."""

    target: LinuxTarget
    timeout: float = TIMEOUT_SECONDS

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def summary(self) -> str:
        return f"{self.target.summary}, in {self.target.qemu}: no instructions, no time"

    @property
    def default(self) -> bool:
        """It counts nothing, so it is measured only where it is named."""
        return False

    @property
    def flash_bytes(self) -> int:
        """Of a card or disk; what a model takes of it never matters."""
        return 4 * GIB

    @property
    def ram_bytes(self) -> int:
        return GIB

    @property
    def version(self) -> str:
        return _version(self.target.qemu)

    def unavailable(self) -> str | None:
        if _program(self.target.qemu) is None:
            return f"{self.target.qemu} is not installed (Debian: apt install qemu-user)"
        return toolchain.missing("ziglang", "elftools")

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        return build.image(self.target, self.name, programs, store)

    @contextlib.contextmanager
    def start(self, image: Image, store: Store | None = None) -> Iterator[LinuxSession]:
        if image.board != self.name:
            raise BoardError(f"an image for {image.board} does not run on {self.name}")
        qemu = _program(self.target.qemu)
        if qemu is None:
            raise NoBoardError(f"{self.name}: {self.unavailable()}")
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            program = Path(folder) / "program"
            program.write_bytes(image.elf)
            program.chmod(0o700)
            yield LinuxSession(image, (qemu, str(program)), self.timeout)

    def with_timeout(self, seconds: float) -> LinuxBoard:
        return replace(self, timeout=seconds)


@dataclass(frozen=True, slots=True)
class LinuxSession:
    """One program; each run is a process of its own."""

    image: Image
    command: tuple[str, ...]
    timeout: float

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        model = self.image.programs[program]
        answer = self._ask(requests.run_request(model, program, inputs))
        try:
            return requests.outputs(model, answer, len(inputs[0]))
        except BoardError as error:
            raise BoardError(f"{self.image.board}: {error}") from None

    def _ask(self, request: bytes) -> bytes:
        name = self.image.board
        try:
            done = subprocess.run(
                [*self.command, str(math.ceil(self.timeout))],
                input=request,
                capture_output=True,
                timeout=self.timeout + GRACE_SECONDS,
                # Settings of the emulator's, and of the loader's, would change what runs.
                env={"PATH": os.environ.get("PATH", os.defpath)},
            )
        except subprocess.TimeoutExpired:
            raise BoardError(f"{name}: did not end within {self.timeout:g} s") from None
        except OSError as error:
            raise NoBoardError(f"{name}: {self.command[0]} cannot be started: {error}") from None
        if done.returncode:
            reason = requests.explained(done.returncode, done.stderr)
            raise BoardError(f"{name}: the program {reason}")
        return done.stdout


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(f"{name}-static")


@functools.cache
def _version(name: str) -> str:
    """What QEMU says of itself, its first line."""
    try:
        done = subprocess.run(
            [_program(name) or name, "--version"], capture_output=True, timeout=TIMEOUT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return "not installed"
    return done.stdout.decode(errors="replace").partition("\n")[0].strip()
