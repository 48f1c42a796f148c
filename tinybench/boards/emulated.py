"""Boards in Unicorn: the emulator's process, and what is asked of it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybench.boards import build, channel, elf, prices, toolchain
from tinybench.boards.base import (
    TIMEOUT_SECONDS,
    BoardError,
    Counters,
    DoesNotFitError,
    Firmware,
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
from tinybench.environment import package_version
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Program

GRACE_SECONDS = 10.0
"""How much longer than its program the emulator's process may take to answer."""
NEEDED = ("ziglang", "elftools", "unicorn")
"""What builds programs, reads them and runs them."""
HOOKS = Path(__file__).with_name("hooks.c")
# For any processor of this kind, because the cache may be copied to another machine.
HOOK_FLAGS = ("-shared", "-nostdlib", "-O2", "-mcpu=baseline", "-fPIC")


@dataclass(frozen=True, slots=True)
class EmulatedBoard:
    """A target in Unicorn; `timeout` is for one request, in seconds."""

    target: Target
    timeout: float = TIMEOUT_SECONDS

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def summary(self) -> str:
        return self.target.summary

    @property
    def flash_bytes(self) -> int:
        return self.target.flash.size

    @property
    def ram_bytes(self) -> int:
        return self.target.ram.size

    @property
    def default(self) -> bool:
        """Whether it is meant where no board is named: a processor is, a chip is not."""
        return not self.target.chip

    @property
    def clock_hz(self) -> int | None:
        return self.target.clock_hz

    @property
    def time_basis(self) -> str | None:
        return prices.basis(self.target)

    @property
    def version(self) -> str:
        return f"unicorn {package_version('unicorn')}"

    def unavailable(self) -> str | None:
        return toolchain.missing(*NEEDED)

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        return build.image(self.target, programs, store)

    @contextlib.contextmanager
    def start(self, image: Image, store: Store | None = None) -> Iterator[EmulatedSession]:
        require_target(image, self.target)
        poison = [part for program in image.programs for part in buffers(image, program)]
        with emulator(self.target, image.elf, store, poison) as running:
            yield EmulatedSession(image, self.target, running, self.timeout)

    def with_timeout(self, seconds: float) -> EmulatedBoard:
        return replace(self, timeout=seconds)

    def with_memory(self, flash: int | None, ram: int | None) -> EmulatedBoard:
        return replace(self, target=self.target.with_memory(flash, ram))

    def run_firmware(
        self, elf: bytes, store: Store | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> Firmware:
        """With semihosting and the instruction timer."""
        with emulator(self.target, elf, store) as running:
            header, output = running.ask({"do": "firmware", "seconds": timeout}, timeout=timeout)
        return Firmware(output.decode(errors="replace"), header["status"])


class EmulatedSession:
    """One booted image; see `tinybench.boards.base.BoardSession`."""

    def __init__(self, image: Image, target: Target, running: Emulator, timeout: float) -> None:
        self._image = image
        self._running = running
        self._timeout = timeout
        self._prices = prices.Prices(target, elf.read(image.elf))

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        model = self._image.programs[program]
        samples = joined(model, inputs)
        request = {
            "do": "run",
            "function": invoke(self._image, model),
            "reset": reset(self._image, model),
            "each": model.cleared,
            "inputs": places(self._image, model, model.inputs),
            "outputs": answers(self._image, model),
            "count": len(samples),
            "seconds": self._timeout,
        }
        _, payload = self._running.ask(request, samples.tobytes(), self._timeout)
        return split(model, payload, len(samples))

    def count(self, sample: Sequence[Bytes], program: int = 0) -> Counters:
        model = self._image.programs[program]
        data = joined(model, sample, exactly=1).tobytes()
        (whole,) = self._count(model, data, [invoke(self._image, model)])
        parts = self._count(model, data, operator_functions(self._image, model))
        return Counters(
            instructions=whole.instructions,
            reads=whole.reads,
            writes=whole.writes,
            stack_bytes=whole.stack_bytes,
            profile=tuple(
                OperatorCost(
                    name, part.instructions, part.reads, part.writes, part.cycles, part.milliseconds
                )
                for name, part in zip(model.operators, parts, strict=True)
            ),
            cycles=whole.cycles,
            milliseconds=whole.milliseconds,
        )

    def _count(self, model: Program, sample: bytes, functions: list[int]) -> list[prices.Call]:
        request = {
            "do": "count",
            "functions": functions,
            "reset": reset(self._image, model),
            "inputs": places(self._image, model, model.inputs),
            # Without the number of loops that were left, which two counts add up: `run` reports it.
            "outputs": places(self._image, model, model.outputs),
            "seconds": self._timeout,
        }
        header, _ = self._running.ask(request, sample, self._timeout)
        return self._prices.calls(header)


class Emulator:
    """The emulator's process with one program loaded, and the program's symbols for messages."""

    def __init__(self, name: str, program: elf.Elf, process: subprocess.Popen[bytes]) -> None:
        self._name = name
        self._program = program
        self._process = process

    def ask(
        self, request: dict[str, Any], payload: bytes = b"", timeout: float = TIMEOUT_SECONDS
    ) -> tuple[dict[str, Any], bytes]:
        """One request and its answer; a failure of either side raises BoardError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        limit = timeout + GRACE_SECONDS
        expired = threading.Event()

        def stop() -> None:
            # Killed, it closes the channel, which ends the wait on every platform.
            expired.set()
            self._process.kill()

        killer = threading.Timer(limit, stop)
        killer.start()
        try:
            channel.send(self._process.stdin, request, payload)
            header, data = channel.receive(self._process.stdout)
        except (EOFError, OSError):
            raise BoardError(f"{self._name}: {self._end(expired.is_set(), limit)}") from None
        finally:
            killer.cancel()
        if fault := header.get("fault"):
            raise BoardError(f"{self._name}: {self._explain(fault, timeout)}")
        if error := header.get("error"):
            raise BoardError(f"{self._name}: the emulator failed: {error}")
        return header, data

    def _end(self, expired: bool, limit: float) -> str:
        code = self._process.wait()
        if expired:
            return f"the emulator did not answer within {limit:g} s"
        return f"the emulator's process ended with status {code}"

    def _explain(self, fault: Mapping[str, Any], timeout: float) -> str:
        pc, address, what = fault["pc"], fault["address"], fault["what"]
        if what == "timeout":
            what = f"did not end within {timeout:g} s: stopped"
        if what == "jump to":
            return f"jump to 0x{address:08x}, where no code is"
        if address is not None:
            what = f"{what} 0x{address:08x}"
        return f"{what} at {self._program.locate(pc)} (pc 0x{pc:x})"


@contextlib.contextmanager
def emulator(
    target: Target,
    data: bytes,
    store: Store | None,
    poison: Sequence[tuple[int, int]] = (),
    *,
    anywhere: bool = False,
) -> Iterator[Emulator]:
    """A process of the emulator with this ELF file in the target's memory; ended on exit.

    A program may have addresses `anywhere` if no more is asked than to call its functions.
    """
    if reason := toolchain.missing(*NEEDED):
        raise NoBoardError(f"{target.name}: {reason}")
    program = elf.read(data)
    for segment in () if anywhere else program.segments:
        end = segment.address + len(segment.data)
        if segment.address < target.flash.start or end > target.flash.end:
            raise DoesNotFitError(
                f"{target.name}: the program has bytes at 0x{segment.address:08x}, outside of the "
                f"flash at 0x{target.flash.start:08x} to 0x{target.flash.end:08x}"
            )
    with tempfile.TemporaryDirectory(prefix="tinybench-", ignore_cleanup_errors=True) as folder:
        library = Path(folder) / "hooks.so"
        library.write_bytes(_hooks(store, Path(folder)))
        process = subprocess.Popen(
            [sys.executable, "-m", "tinybench.boards.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            running = Emulator(target.name, program, process)
            running.ask(_load(target, program, poison, library), _contents(program))
            yield running
        finally:
            process.kill()
            process.communicate()


def _load(
    target: Target, program: elf.Elf, poison: Sequence[tuple[int, int]], library: Path
) -> dict[str, Any]:
    top = program.symbols.get("stack_top", target.ram.end)
    return {
        "do": "load",
        "target": {
            **asdict(target),
            "flash": (target.flash.start, target.flash.size),
            "ram": (target.ram.start, target.ram.size),
        },
        "entry": program.entry,
        "stop": program.symbols.get("main", 0),
        "segments": [(segment.address, len(segment.data)) for segment in program.segments],
        "poison": list(poison),
        "stack": (target.ram.start, top),
        "hooks": str(library),
        "priced": prices.has_rules(target),
        "caches": prices.caches(target),
    }


def _contents(program: elf.Elf) -> bytes:
    return b"".join(segment.data for segment in program.segments)


def _hooks(store: Store | None, folder: Path) -> bytes:
    source = HOOKS.read_bytes()

    def make() -> bytes:
        cache = store.root / "zig" if store else folder / "zig-global"
        return toolchain.compile_(
            {"hooks.c": source}, [*HOOK_FLAGS, "hooks.c"], "hooks.so", folder / "build", cache
        )

    if store is None:
        return make()
    inputs = {
        "source": source.decode(),
        "flags": HOOK_FLAGS,
        "compiler": toolchain.version(),
        "host": toolchain.host(),
    }
    return store.get("hooks", inputs, "so", make)
