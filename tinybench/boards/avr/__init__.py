"""An Arduino Uno: built by avr-gcc, run by simavr, a process of its own."""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards import elf, toolchain
from tinybench.boards.avr.samples import header
from tinybench.boards.base import (
    TIMEOUT_SECONDS,
    BoardError,
    DoesNotFitError,
    Image,
    NoBoardError,
    Timing,
    Toolchain,
)
from tinybench.boards.image import COUNTER, joined, split
from tinybench.boards.sources import firmware_root
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Program

COMPILER, SIMULATOR, DEVICE = "avr-gcc", "simavr", "atmega328p"
CLOCK_HZ, FLASH_BYTES, RAM_BYTES, STACK_BYTES = 16_000_000, 32 * 1024, 2 * 1024, 256
HARNESS_BYTES = 2048
"""Of flash beside a model and its samples: what prints the outputs."""
FLAGS = (
    *(f"-mmcu={DEVICE}", f"-DF_CPU={CLOCK_HZ}UL", "-Os", "-std=c99", "-ffp-contract=off"),
    *("-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"),
    # Room beyond the processor's, so that a message can tell what is in each memory.
    "-Wl,--defsym=__DATA_REGION_LENGTH__=0xf000,--defsym=__TEXT_REGION_LENGTH__=0x20000",
)
EMPTY = b"int main(void) { return 0; }\n"
TOO_LARGE = re.compile(
    r"overflowed by|is not within region|will not fit|truncated to fit|is too large|out of range"
)


@dataclass(frozen=True, slots=True)
class ArduinoUno:
    """An ATmega328P at 16 MHz; constants lie in its RAM, as its C compiler has them."""

    timeout: float = TIMEOUT_SECONDS
    name: str = "arduino-uno"
    summary: str = "Arduino Uno, ATmega328P at 16 MHz, in simavr; 32 KiB flash, 2 KiB RAM"
    flash_bytes: int = FLASH_BYTES
    ram_bytes: int = RAM_BYTES
    clock_hz: int | None = CLOCK_HZ
    time_basis: str | None = "simavr's ATmega328P, counted by its timer 1; 16 MHz"
    default: bool = False

    @property
    def version(self) -> str:
        return f"simavr; {_compiler()}"

    def unavailable(self) -> str | None:
        for program, package in ((COMPILER, "gcc-avr avr-libc"), (SIMULATOR, "simavr")):
            if shutil.which(program) is None:
                return f"{program} is not installed (Debian: apt install {package})"
        return toolchain.missing("elftools")

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        if reason := self.unavailable():
            raise NoBoardError(f"{self.name}: {reason}")
        programs = tuple(programs) if isinstance(programs, Sequence) else (programs,)
        kept = [f"-Wl,-u,{program.prefix}_invoke" for program in programs]
        linked = self._linked(programs, {"main.c": EMPTY}, kept)
        full, empty = elf.read(linked), elf.read(self._linked((), {"main.c": EMPTY}, ()))
        _require_room(self.name, full.sections)

        def added(section: str) -> int:
            return full.sections.get(section, 0) - empty.sections.get(section, 0)

        return Image(
            board=self.name,
            programs=programs,
            elf=linked,
            symbols=full.symbols,
            code_bytes=added(".text"),
            weight_bytes=added(".data"),
            ram_bytes=added(".data") + added(".bss"),
            toolchain=Toolchain(COMPILER, _compiler(), FLAGS),
        )

    @contextlib.contextmanager
    def start(self, image: Image, store: Store | None = None) -> Iterator[AvrSession]:
        if image.board != self.name:
            raise BoardError(f"an image for {image.board} does not run on {self.name}")
        yield AvrSession(self, image)

    def with_timeout(self, seconds: float) -> ArduinoUno:
        return replace(self, timeout=seconds)

    def measured(self, program: Program, text: str) -> list[str]:
        """The lines that the samples of this header print."""
        source = firmware_root() / "boards" / self.name / "measure.c"
        files = {"measure.c": source.read_bytes(), "samples.h": text.encode()}
        linked = self._linked((program,), files, ())
        _require_room(self.name, elf.read(linked).sections)
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            path = Path(folder) / "image.elf"
            path.write_bytes(linked)
            command = [SIMULATOR, "-m", DEVICE, "-f", str(CLOCK_HZ), str(path)]
            try:
                done = subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=self.timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise BoardError(f"{self.name}: did not end within {self.timeout:g} s") from None
        # simavr prints a line in colour and a point for its end.
        said = (done.stdout + done.stderr).decode(errors="replace")
        lines = re.findall(r"^(?:\x1b\[\d+m)*([OCE][0-9a-f]*)\.", said, re.MULTILINE)
        if not lines or lines[-1] != "E":
            raise BoardError(f"{self.name}: the program did not reach its end in {SIMULATOR}")
        return lines

    def _linked(
        self, programs: Sequence[Program], files: Mapping[str, bytes], options: Sequence[str]
    ) -> bytes:
        named = dict(files)
        for program in programs:
            named |= {f"{program.prefix}/{name}": data for name, data in program.files.items()}
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            for name, data in named.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            sources = sorted(name for name in named if name.endswith(".c"))
            includes = ["-I.", *(f"-I{program.prefix}" for program in programs)]
            done = subprocess.run(
                [COMPILER, *FLAGS, *includes, *options, *sources, "-lm", "-o", "image.elf"],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                return (Path(folder) / "image.elf").read_bytes()
        if TOO_LARGE.search(done.stderr):
            arena = sum(program.arena_bytes for program in programs)
            raise DoesNotFitError(
                f"{self.name}: the model does not fit flash of {FLASH_BYTES:,} bytes and RAM of "
                f"{RAM_BYTES:,} bytes (arena {arena:,} bytes)"
            )
        errors = [line for line in done.stderr.splitlines() if "error" in line]
        reason = (errors or done.stderr.splitlines() or ["no message"])[0]
        raise BoardError(f"{self.name}: {COMPILER}: {reason}")


class AvrSession:
    """One image; every request boots it anew, with its samples in flash."""

    def __init__(self, board: ArduinoUno, image: Image) -> None:
        self._board = board
        self._image = image

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        model = self._image.programs[program]
        samples = joined(model, inputs)
        room = FLASH_BYTES - self._image.flash_bytes - HARNESS_BYTES
        chunk = max(1, room // max(1, samples.shape[1]))
        if model.state_bytes and not model.cleared and chunk < len(samples):
            raise BoardError(
                f"{self._board.name}: {len(samples)} samples in a row do not fit its flash beside "
                f"the model, which keeps a state from one to the next; at most {chunk} do"
            )
        found = ""
        for start in range(0, len(samples), chunk):
            part = samples[start : start + chunk]
            lines = self._board.measured(model, header(model, part.tobytes(), len(part)))
            found += "".join(line[1:] for line in lines if line.startswith("O"))
        size = sum(port.nbytes for port in model.outputs) + COUNTER * model.limited
        data = bytes.fromhex(found)
        if len(data) != size * len(samples):
            raise BoardError(
                f"{self._board.name}: {len(data)} of {size * len(samples)} bytes of outputs came"
            )
        return split(model, data, len(samples))

    def time(self, sample: Sequence[Bytes], program: int = 0) -> Timing:
        model = self._image.programs[program]
        data = joined(model, sample, exactly=1).tobytes()
        lines = self._board.measured(model, header(model, data, 1, measured=True))
        cycles = self._cycles(lines[0])
        exact = cycles * 1000 / CLOCK_HZ
        return Timing(cycles, (exact, exact), stack_bytes=None, profile=())

    def _cycles(self, line: str) -> int:
        low, coarse, overflowed = int(line[1:5], 16), int(line[5:9], 16), int(line[9:11], 16)
        if overflowed:
            raise BoardError(f"{self._board.name}: an inference takes more than 4.19 s to count")
        # The number with these low bits that is nearest to what the slow clock says.
        return low + round((1024 * coarse + 512 - low) / 65536) * 65536


def _require_room(name: str, sections: Mapping[str, int]) -> None:
    code, data = sections.get(".text", 0), sections.get(".data", 0)
    variables = sections.get(".bss", 0)
    flash, ram = code + data, data + variables + STACK_BYTES
    if flash > FLASH_BYTES or ram > RAM_BYTES:
        raise DoesNotFitError(
            f"{name}: the model does not fit; in all, flash {flash:,} (code {code:,}, constants "
            f"{data:,}) of {FLASH_BYTES:,}, RAM {ram:,} (stack {STACK_BYTES:,}, constants "
            f"{data:,}, variables with the arena {variables:,}) of {RAM_BYTES:,} bytes"
        )


@functools.cache
def _compiler() -> str:
    """What the compiler says of itself, its first line."""
    try:
        done = subprocess.run([COMPILER, "--version"], capture_output=True, timeout=TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return "not installed"
    return done.stdout.decode(errors="replace").partition("\n")[0].strip()
