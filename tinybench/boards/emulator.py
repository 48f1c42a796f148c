"""A board in Unicorn: memory, boot, calls, faults and exact counts.

The only module that imports Unicorn, which is under the GPL; it is used in the process of `worker`
and nowhere else.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import threading
from collections.abc import Iterator
from typing import Any

from unicorn import arm_const, riscv_const, unicorn_const
from unicorn.unicorn_py3.unicorn import Uc, UcError, uclib

from tinybench.boards import semihosting
from tinybench.boards.counting import BLOCK_BYTES, KNOWN_BLOCKS, Blocks, Cache, Counts, Segments

SYSTEM_REGION = (0xE0000000, 0x100000)
PAGE = 0x1000
TIMER_CONTROL, TIMER_VALUE, TIMER_TOP = 0, 4, 0xFFFFFFFF
INSTRUCTION_NS = 64
"""Virtual time of an instruction, as in QEMU with `-icount shift=6`."""
ARM_REQUEST = bytes.fromhex("abbe")
"""Semihosting: `bkpt 0xab`."""
RISCV_REQUEST = bytes.fromhex("73001000")
"""Semihosting: `ebreak`; the marks before and after it are not looked at."""

FAULTS = {
    unicorn_const.UC_MEM_READ_UNMAPPED: "read from",
    unicorn_const.UC_MEM_WRITE_UNMAPPED: "write to",
    unicorn_const.UC_MEM_FETCH_UNMAPPED: "jump to",
    unicorn_const.UC_MEM_READ_PROT: "read from",
    unicorn_const.UC_MEM_WRITE_PROT: "write to",
    unicorn_const.UC_MEM_FETCH_PROT: "jump to",
}
INVALID = unicorn_const.UC_HOOK_MEM_UNMAPPED | unicorn_const.UC_HOOK_MEM_PROT
EmulatorError = UcError


class FaultError(Exception):
    """The program did what its board does not allow, or did not end."""

    def __init__(self, what: str, pc: int, address: int | None = None) -> None:
        super().__init__(what)
        self.pc = pc
        self.fault = {"what": what, "pc": pc, "address": address}


class Machine:
    """One emulated board with a program in its flash, at reset."""

    def __init__(self, image: dict[str, Any], contents: bytes) -> None:
        self.image = image
        target = image["target"]
        self.riscv = target["family"] == "riscv"
        self.flash, self.ram = target["flash"], target["ram"]
        arm_mode = unicorn_const.UC_MODE_THUMB | unicorn_const.UC_MODE_MCLASS
        if self.riscv:
            self.uc = Uc(unicorn_const.UC_ARCH_RISCV, unicorn_const.UC_MODE_RISCV32)
            self.uc.ctl_set_cpu_model(getattr(riscv_const, f"UC_CPU_RISCV32_{target['emulator']}"))
            self.pc, self.sp, self.lr = (
                riscv_const.UC_RISCV_REG_PC,
                riscv_const.UC_RISCV_REG_SP,
                riscv_const.UC_RISCV_REG_RA,
            )
            self.arguments = tuple(range(riscv_const.UC_RISCV_REG_A0, riscv_const.UC_RISCV_REG_A4))
            self.request = RISCV_REQUEST
        else:
            self.uc = Uc(unicorn_const.UC_ARCH_ARM, arm_mode)
            self.uc.ctl_set_cpu_model(getattr(arm_const, f"UC_CPU_ARM_{target['emulator']}"))
            self.uc.mem_map(
                *SYSTEM_REGION, unicorn_const.UC_PROT_READ | unicorn_const.UC_PROT_WRITE
            )
            self.pc, self.sp, self.lr = (
                arm_const.UC_ARM_REG_PC,
                arm_const.UC_ARM_REG_SP,
                arm_const.UC_ARM_REG_LR,
            )
            self.arguments = tuple(range(arm_const.UC_ARM_REG_R0, arm_const.UC_ARM_REG_R4))
            self.request = ARM_REQUEST
        exec_, write = unicorn_const.UC_PROT_EXEC, unicorn_const.UC_PROT_WRITE
        regions = [(self.flash, exec_), (self.ram, write)]
        if "regions" in image:
            regions = [(region, exec_ | write) for region in image["regions"]]
        for region, other in regions:
            self.uc.mem_map(*region, unicorn_const.UC_PROT_READ | other)
        offset = 0
        for address, size in image["segments"]:
            self.uc.mem_write(address, contents[offset : offset + size])
            offset += size
        self.entry = image["entry"] & ~1
        self.stack = image["stack"][1]
        # Where calls return to: by default the last word of flash, which is never code that ran.
        self.back = image.get("back", self.flash[0] + self.flash[1] - 4)
        self._fault: FaultError | None = None
        self._expired = False
        self.uc.hook_add(INVALID, self._on_invalid)

    def reset(self) -> None:
        """The processor takes its first stack pointer and address from the flash."""
        if not self.riscv:
            stack, first = struct.unpack("<II", self.uc.mem_read(self.flash[0], 8))
            self.uc.reg_write(self.sp, stack)
            self.entry = first & ~1

    def boot(self) -> None:
        """From reset to `main`; the stack pointer that startup set is every call's."""
        self.reset()
        self.go(self.entry, self.image["stop"] & ~1)

    def call(self, function: int) -> None:
        """Run one function from its first instruction until it returns."""
        self.uc.reg_write(self.sp, self.stack)
        self.uc.reg_write(self.lr, self.back if self.riscv else self.back | 1)
        self.go(function & ~1, self.back)

    def go(self, begin: int, until: int) -> None:
        """Execute from one address up to another, or raise FaultError."""
        self._fault = None
        try:
            # Thumb state is the lowest bit of an address.
            self.uc.emu_start(begin if self.riscv else begin | 1, until)
        except UcError as error:
            if self._fault:
                raise self._fault from None
            what = str(error).split(" (UC_ERR")[0].lower()
            raise FaultError(what, self.where()) from None
        if (at := self.where()) != until:
            raise self._fault or FaultError(
                "timeout" if self._expired else "the processor stopped", at
            )

    def read(self, address: int, size: int) -> bytes:
        """Bytes of memory."""
        return bytes(self.uc.mem_read(address, size))

    def write(self, address: int, data: bytes) -> None:
        """Change memory, flash too."""
        self.uc.mem_write(address, data)

    def where(self) -> int:
        """The address of the instruction that is executed."""
        return int(self.uc.reg_read(self.pc))

    def _on_invalid(self, _: Any, kind: int, address: int, *__: Any) -> bool:
        self._fault = FaultError(FAULTS[kind], self.where(), address)
        return False

    @contextlib.contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Stop the program when it takes too long; end this process when its parent is gone."""
        done = threading.Event()
        parent = os.getppid()

        def watch() -> None:
            waited = 0.0
            while not done.wait(min(0.5, max(seconds - waited, 0.02))):
                waited += 0.5
                if os.getppid() != parent:
                    os._exit(1)
                if waited >= seconds:
                    # Repeated: a stop between two calls would be lost.
                    self._expired = True
                    self.uc.emu_stop()

        self._expired = False
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


class CountingMachine(Machine):
    """A machine with the hooks of hooks.c.

    Instructions are counted by whole blocks; `segments` says which blocks followed each other.
    With `per_access`, memory accesses are counted too, and the words that the flash's caches
    missed; without, a program can read the count while it runs.
    """

    def __init__(
        self,
        image: dict[str, Any],
        contents: bytes,
        *,
        per_access: bool,
        segments: bool = False,
        caches: tuple[tuple[int, int], tuple[int, int]] | None = None,
    ) -> None:
        super().__init__(image, contents)
        library = ctypes.CDLL(image["hooks"])
        start, size = self.flash
        # Kept alive here; the structure holds bare addresses.
        self._blocks = ctypes.create_string_buffer(KNOWN_BLOCKS * BLOCK_BYTES)
        self.counts = Counts(
            stack_low=image["stack"][0],
            stack_high=image["stack"][1],
            flash_low=start,
            flash_high=start + size,
            blocks=ctypes.addressof(self._blocks),
            read_memory=ctypes.cast(uclib.uc_mem_read, ctypes.c_void_p),
            read_register=ctypes.cast(uclib.uc_reg_read, ctypes.c_void_p),
            write_register=ctypes.cast(uclib.uc_reg_write, ctypes.c_void_p),
            stop=ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p),
            riscv=self.riscv,
            aligned_only=image["target"]["aligned_only"],
        )
        self._segments = Segments(self.counts, library.end_segment) if segments else None
        if caches:
            self.counts.code, self.counts.data = (Cache.of(*cache) for cache in caches)
        self._hook(unicorn_const.UC_HOOK_BLOCK, library.count_block)
        if per_access:
            accesses = unicorn_const.UC_HOOK_MEM_READ | unicorn_const.UC_HOOK_MEM_WRITE
            self._hook(accesses, library.count_access)
        else:
            self._hook(unicorn_const.UC_HOOK_CODE, library.note_instruction)
            self._until_now = library.instructions_until_now
            self._until_now.restype = ctypes.c_uint64

    def _hook(self, kind: int, function: Any) -> None:
        handle = ctypes.c_size_t()
        status = uclib.uc_hook_add(
            self.uc._uch,
            ctypes.byref(handle),
            kind,
            ctypes.cast(function, ctypes.c_void_p),
            ctypes.byref(self.counts),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status != unicorn_const.UC_ERR_OK:
            raise UcError(status)

    def clear_caches(self) -> None:
        """As after a reset; a call leaves them to the next one."""
        for cache in (self.counts.code, self.counts.data):
            if cache.lines:
                cache.clear()

    def counted_call(self, function: int) -> tuple[list[int], dict[Blocks, int]]:
        """Instructions, reads, writes, stack bytes and missed words of one call; its segments."""
        counts = self.counts
        counts.instructions = counts.reads = counts.writes = 0
        counts.code.missed = counts.data.missed = 0
        counts.stack_lowest = self.stack
        if self._segments:
            self._segments.begin()
        try:
            self.call(function)
        finally:
            # Unicorn itself lets them pass.
            if by := counts.unaligned_by:
                counts.unaligned_by = 0
                raise FaultError("unaligned access to", by, counts.unaligned_at)
        executed = self._segments.end() if self._segments else {}
        numbers = [
            counts.instructions,
            counts.reads,
            counts.writes,
            self.stack - counts.stack_lowest,
            counts.code.missed + counts.data.missed,
        ]
        return numbers, executed

    def run_program(self) -> semihosting.Host:
        """Everything from reset to the program's own exit, with printing and the timer."""
        host = semihosting.Host(self.read)
        self._map_timer()
        self.reset()
        at = self.entry
        while host.status is None:
            # A request is an exception that nothing handles: it ends the run at its address.
            try:
                self.go(at, self.back)
            except FaultError as fault:
                at = fault.pc
                if self._expired or not self._is_request(at):
                    raise
            else:
                raise FaultError("left without an exit", self.back)
            operation, argument = (int(self.uc.reg_read(name)) for name in self.arguments[:2])
            self.uc.reg_write(self.arguments[0], host.answer(operation, argument))
            at += len(self.request)
        return host

    def _is_request(self, address: int) -> bool:
        try:
            return self.read(address, len(self.request)) == self.request
        except UcError:
            return False

    def _map_timer(self) -> None:
        """A CMSDK timer, as firmware/boards/cmsdk_timer.h uses it: control, and a falling value."""
        target = self.image["target"]
        started = 0

        def read(_: Uc, offset: int, *__: object) -> int:
            instructions = self._until_now(self.uc._uch, ctypes.byref(self.counts)) - started
            ticks = int(instructions * INSTRUCTION_NS // target["timer_period_ns"])
            return (TIMER_TOP - ticks) & TIMER_TOP if offset == TIMER_VALUE else 0

        def write(_: Uc, offset: int, __: int, value: int, ___: object) -> None:
            nonlocal started
            if offset == TIMER_CONTROL and value & 1:
                started = self._until_now(self.uc._uch, ctypes.byref(self.counts))

        self.uc.mmio_map(target["timer"], PAGE, read, None, write, None)
