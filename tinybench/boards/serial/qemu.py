"""Real boards as QEMU has them, asked through the registers of their own UARTs.

What runs is what a board at a port runs: start-up code, memory, driver and harness. QEMU has no
cycles, whatever its machines' timers say, so only bytes and the stack are told.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards import toolchain
from tinybench.boards.base import TIMEOUT_SECONDS, BoardError, Image
from tinybench.boards.qemu import PROGRAM, version
from tinybench.boards.serial import firmware
from tinybench.boards.serial.link import Link
from tinybench.boards.serial.session import SerialSession
from tinybench.boards.serial.wire import ProcessWire
from tinybench.boards.sources import firmware_root
from tinybench.boards.targets import TARGETS, Target

if TYPE_CHECKING:
    from tinybench.codegen.program import Program
    from tinybench.storage.store import Store

OPTIONS = ("-display", "none", "-monitor", "none", "-serial", "stdio", "-icount", "shift=6")
PROCESSORS = {one.name: one for one in TARGETS}
MACHINES = {
    "netduinoplus2": ("cortex-m4", "Netduino Plus 2 (STM32F405)"),
    "stm32vldiscovery": ("cortex-m3", "STM32VLDISCOVERY (STM32F100)"),
    "microbit": ("cortex-m0plus", "BBC micro:bit v1 (nRF51822)"),
}
"""QEMU's name, which is that of the folder in firmware/boards/, too."""


@dataclass(frozen=True, slots=True)
class QemuUartBoard:
    """One of MACHINES; `timeout` is of an inference."""

    machine: str
    timeout: float = TIMEOUT_SECONDS
    default: bool = False

    @property
    def name(self) -> str:
        return f"qemu-{self.machine}"

    @property
    def summary(self) -> str:
        return f"{MACHINES[self.machine][1]} in QEMU, through its own UART: bytes and stack only"

    @property
    def flash_bytes(self) -> int:
        return self._firmware().flash.size

    @property
    def ram_bytes(self) -> int:
        return self._firmware().ram.size

    @property
    def version(self) -> str:
        return version()

    def unavailable(self) -> str | None:
        if shutil.which(PROGRAM) is None:
            return f"{PROGRAM} is not installed (Debian: apt install qemu-system-arm)"
        return toolchain.missing("ziglang", "elftools")

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        programs = tuple(programs) if isinstance(programs, Sequence) else (programs,)
        if len(programs) != 1:
            raise BoardError(f"{self.name}: the harness has one model, not {len(programs)}")
        return firmware.image(self._target(), self._firmware(), programs[0], store)

    @contextlib.contextmanager
    def start(self, image: Image, store: Store | None = None) -> Iterator[SerialSession]:
        if image.board != self.name:
            raise BoardError(f"an image for {image.board} does not run on {self.name}")
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            (Path(folder) / "image.elf").write_bytes(image.elf)
            command = [PROGRAM, "-M", self.machine, *OPTIONS, "-kernel", "image.elf"]
            with contextlib.closing(ProcessWire(command, Path(folder))) as wire:
                link = Link(self.name, wire)
                said = link.hello()
                yield SerialSession(link, image.programs[0], said, None, self.timeout, timed=False)

    def with_timeout(self, seconds: float) -> QemuUartBoard:
        return replace(self, timeout=seconds)

    def _target(self) -> Target:
        processor = PROCESSORS[MACHINES[self.machine][0]]
        return replace(processor, name=self.name, summary=self.summary, chip=True)

    def _firmware(self) -> firmware.Firmware:
        return firmware.firmware_of(firmware_root() / "boards" / self.machine, self._target())
