"""The same images in QEMU, a second opinion on results and instruction counts.

`main` of the image (firmware/src/measure.c) carries out a file of commands and writes a file of
answers, both through semihosting. With `-icount shift=6` an instruction takes 64 ns of virtual
time, which the image's timer counts.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards import build, toolchain
from tinybench.boards.base import (
    TIMEOUT_SECONDS,
    BoardError,
    Counters,
    Image,
    NoBoardError,
    OperatorCost,
)
from tinybench.boards.image import (
    answers,
    buffers,
    invoke,
    joined,
    operator_functions,
    places,
    require_target,
    reset,
    split,
)
from tinybench.boards.targets import Target
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Program

PROGRAM = "qemu-system-arm"
OPTIONS = (
    *("-display", "none", "-monitor", "none", "-serial", "none"),
    *("-icount", "shift=6", "-semihosting-config", "enable=on,target=native"),
)
POKE, PEEK, CALL = 1, 2, 3
COMMAND = struct.Struct("<III")


@dataclass(frozen=True, slots=True)
class QemuBoard:
    """A target on the QEMU machine that has it; `timeout` is for one request, in seconds."""

    target: Target
    timeout: float = TIMEOUT_SECONDS

    @property
    def name(self) -> str:
        return f"qemu-{self.target.name}"

    @property
    def summary(self) -> str:
        return f"{self.target.summary}, in QEMU ({self.target.qemu}): no memory accesses"

    @property
    def flash_bytes(self) -> int:
        return self.target.flash.size

    @property
    def ram_bytes(self) -> int:
        return self.target.ram.size

    @property
    def version(self) -> str:
        return version()

    def unavailable(self) -> str | None:
        if shutil.which(PROGRAM) is None:
            return f"{PROGRAM} is not installed (Debian: apt install qemu-system-arm)"
        return toolchain.missing("ziglang", "elftools")

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        """Byte for byte the image of the board without `qemu-`."""
        return replace(build.image(self.target, programs, store), board=self.name)

    @contextlib.contextmanager
    def start(self, image: Image, store: Store | None = None) -> Iterator[QemuSession]:
        require_target(image, self.target)
        yield QemuSession(self, image)

    def with_timeout(self, seconds: float) -> QemuBoard:
        return replace(self, timeout=seconds)


@functools.cache
def version() -> str:
    """What QEMU says of itself, its first line."""
    try:
        done = subprocess.run([PROGRAM, "--version"], capture_output=True, timeout=TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return "not installed"
    return done.stdout.decode(errors="replace").partition("\n")[0].strip()


class QemuSession:
    """One image; every request boots it anew. See `tinybench.boards.base.BoardSession`."""

    def __init__(self, board: QemuBoard, image: Image) -> None:
        self._board = board
        self._image = image

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        model = self._image.programs[program]
        samples = joined(model, inputs)
        size = sum(nbytes for _, nbytes in answers(self._image, model))
        commands, at = self._poisoned(model), 0
        # Each call answers with its instructions; behind those of an inference are its outputs.
        found = []
        for number, sample in enumerate(samples):
            if number == 0 or model.cleared:
                resets = self._reset(model)
                commands += resets
                at += 4 * bool(resets)
            commands += self._poke_inputs(model, sample.tobytes())
            commands += COMMAND.pack(CALL, invoke(self._image, model), 0)
            for address, nbytes in answers(self._image, model):
                commands += COMMAND.pack(PEEK, address, nbytes)
            found.append(at + 4)
            at += 4 + size
        said = self._execute(commands, at)
        outputs = [said[start : start + size] for start in found]
        return split(model, b"".join(outputs), len(samples))

    def count(self, sample: Sequence[Bytes], program: int = 0) -> Counters:
        model = self._image.programs[program]
        data = joined(model, sample, exactly=1).tobytes()
        functions = operator_functions(self._image, model)
        fresh = self._poisoned(model) + self._reset(model) + self._poke_inputs(model, data)
        commands = fresh + COMMAND.pack(CALL, invoke(self._image, model), 0) + fresh
        for function in functions:
            commands += COMMAND.pack(CALL, function, 0)
        first = int(reset(self._image, model) is not None)
        count = 1 + len(functions) + 2 * first
        numbers = struct.unpack(f"<{count}I", self._execute(commands, 4 * count))
        whole, *parts = numbers[first], *numbers[2 * first + 1 :]
        return Counters(
            instructions=whole,
            reads=None,
            writes=None,
            stack_bytes=None,
            profile=tuple(
                OperatorCost(name, instructions, None, None)
                for name, instructions in zip(model.operators, parts, strict=True)
            ),
        )

    def _poisoned(self, model: Program) -> bytes:
        return b"".join(
            COMMAND.pack(POKE, address, size) + b"\xa5" * size
            for address, size in buffers(self._image, model)
        )

    def _reset(self, model: Program) -> bytes:
        function = reset(self._image, model)
        return b"" if function is None else COMMAND.pack(CALL, function, 0)

    def _poke_inputs(self, model: Program, sample: bytes) -> bytes:
        commands, at = b"", 0
        for address, size in places(self._image, model, model.inputs):
            commands += COMMAND.pack(POKE, address, size) + sample[at : at + size]
            at += size
        return commands

    def _execute(self, commands: bytes, expected: int) -> bytes:
        """The answers to these commands, or BoardError."""
        name, limit = self._board.name, self._board.timeout
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            (Path(folder) / "image.elf").write_bytes(self._image.elf)
            (Path(folder) / "commands").write_bytes(commands)
            try:
                done = subprocess.run(
                    [PROGRAM, "-M", self._board.target.qemu, *OPTIONS, "-kernel", "image.elf"],
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=limit,
                )
            except subprocess.TimeoutExpired:
                raise BoardError(f"{name}: did not end within {limit:g} s") from None
            except OSError as error:
                raise NoBoardError(f"{name}: {PROGRAM} cannot be started: {error}") from None
            answers = Path(folder) / "answers"
            data = answers.read_bytes() if answers.exists() else b""
        if done.returncode or len(data) != expected:
            said = (done.stdout + done.stderr).decode(errors="replace").strip().splitlines()
            reason = said[0] if said else f"{len(data)} of {expected} bytes of answers came"
            raise BoardError(f"{name}: {reason}")
        return data
