"""The processors: what the compiler and the emulator call them, and their memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tinybench.boards.base import BoardError
from tinybench.cycles.profile import MemoryProfile

KIB = 1024
STACK_BYTES = 8 * KIB
"""Of the firmware, where a target says nothing else."""


@dataclass(frozen=True, slots=True)
class Region:
    """A range of addresses."""

    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size


@dataclass(frozen=True, slots=True)
class Target:
    """One processor. Memory is as in `firmware/boards/<family>/<script>.ld`.

    `emulator` is the suffix of unicorn's constant for the processor, `qemu` the machine of
    qemu-system-arm that has the processor and memory at the same addresses. `timer` is the address
    of the timer that the firmware reads, `timer_period_ns` one of its ticks. `aligned_only` is for
    a processor that faults when it accesses an unaligned word. A `chip` is a processor with the
    memory of a product that has it; `processor` then is its target's name.
    `core` names the rules that price its instructions, if there are any; `clock_hz` and `memory`
    turn cycles into milliseconds, where both are known.
    """

    name: str
    summary: str
    triple: str
    cpu: str
    emulator: str
    flash: Region
    ram: Region
    family: str = "cortex-m"
    script: str = ""
    timer: int = 0x40000000
    timer_period_ns: int = 40
    qemu: str = ""
    aligned_only: bool = False
    chip: bool = False
    core: str = ""
    clock_hz: int | None = None
    memory: MemoryProfile | None = None
    processor: str = ""
    stack_bytes: int = STACK_BYTES

    @property
    def linker_script(self) -> str:
        return f"{self.script or self.name}.ld"

    @property
    def memory_script(self) -> str:
        """What a linker script says of the memory, as `linker_script` has it by hand."""
        regions = (("FLASH (rx)", self.flash), ("RAM (rwx)", self.ram))
        lines = (f"{name} : ORIGIN = {it.start:#x}, LENGTH = {it.size}" for name, it in regions)
        rest = f"timer = {self.timer:#x};\nINCLUDE {self.family}.ld\n"
        if self.stack_bytes != STACK_BYTES:
            rest = f"STACK_BYTES = {self.stack_bytes};\n{rest}"
        return "MEMORY {{ {} }}\n{}".format("\n".join(lines), rest)

    @property
    def most_memory(self) -> tuple[int, int]:
        """Bytes of flash and of RAM that have room before what stands behind them."""
        behind = self.timer if self.timer > self.ram.start else DEVICES
        return self.ram.start - self.flash.start, behind - self.ram.start

    def with_memory(self, flash: int | None, ram: int | None) -> Target:
        """The same processor with other sizes, in bytes; BoardError if there is no room for them.

        None leaves a size as it is.
        """
        sizes = {
            "flash": Region(self.flash.start, self.flash.size if flash is None else flash),
            "ram": Region(self.ram.start, self.ram.size if ram is None else ram),
        }
        limits = dict(zip(sizes, self.most_memory, strict=True))
        for name, region in sizes.items():
            most = limits[name]
            least = LEAST if name == "flash" else 2 * self.stack_bytes
            if not least <= region.size <= most:
                raise BoardError(
                    f"{self.name}: {region.size:,} bytes of {name}; from {least:,} to {most:,} "
                    f"bytes have room at 0x{region.start:08x}"
                )
        what = self.summary.rpartition("; ")[0]
        return replace(
            self,
            summary=f"{what}; {_kib(sizes['flash'])} flash, {_kib(sizes['ram'])} RAM",
            flash=sizes["flash"],
            ram=sizes["ram"],
        )


LEAST = 16 * KIB
"""Bytes of flash that have room for startup code and a small model."""
DEVICES = 0xE0000000
"""Where the system's registers begin."""


def _kib(region: Region) -> str:
    whole, rest = divmod(region.size, KIB)
    return f"{region.size} B" if rest else f"{whole} KiB"


def _cortex_m(
    name: str,
    summary: str,
    cpu: str,
    emulator: str,
    kib: tuple[int, int],
    *,
    qemu: str = "",
    script: str = "",
    core: str = "",
    aligned_only: bool = False,
) -> Target:
    flash, ram = kib
    return Target(
        name=name,
        summary=f"{summary}; {flash} KiB flash, {ram} KiB RAM",
        triple="thumb-freestanding-" + ("eabihf" if "+" in cpu else "eabi"),
        cpu=cpu,
        emulator=emulator,
        flash=Region(0, flash * KIB),
        ram=Region(0x20000000, ram * KIB),
        qemu=qemu,
        script=script,
        core=core,
        aligned_only=aligned_only,
    )


FPU_V4 = "+vfp4d16sp"
FPU_V5 = "+fp_armv8d16sp"

TARGETS = (
    _cortex_m(
        "cortex-m0plus",
        "Arm Cortex-M0+",
        "cortex_m0plus",
        "CORTEX_M0",
        (256, 32),
        core="cortex-m0plus",
        aligned_only=True,
    ),
    _cortex_m(
        "cortex-m3",
        "Arm Cortex-M3",
        "cortex_m3",
        "CORTEX_M3",
        (512, 64),
        qemu="mps2-an385",
        core="cortex-m3",
    ),
    _cortex_m(
        "cortex-m4",
        "Arm Cortex-M4 with DSP and FPU",
        "cortex_m4" + FPU_V4,
        "CORTEX_M4",
        (1024, 256),
        qemu="mps2-an386",
        core="cortex-m4",
    ),
    _cortex_m(
        "cortex-m4-nodsp",
        "Arm Cortex-M4 with FPU, code without DSP instructions",
        "cortex_m4" + FPU_V4 + "-dsp",
        "CORTEX_M4",
        (1024, 256),
        qemu="mps2-an386",
        script="cortex-m4",
        core="cortex-m4",
    ),
    _cortex_m(
        "cortex-m7",
        "Arm Cortex-M7 with DSP and FPU",
        "cortex_m7" + FPU_V5,
        "CORTEX_M7",
        (2048, 512),
        qemu="mps2-an500",
    ),
    Target(
        name="cortex-m33",
        summary="Arm Cortex-M33 with DSP and FPU; 1024 KiB flash, 512 KiB RAM",
        triple="thumb-freestanding-eabihf",
        cpu="cortex_m33" + FPU_V5 + "+dsp",
        emulator="CORTEX_M33",
        # The processor starts in the secure state, so these are secure addresses.
        flash=Region(0x10000000, 1024 * KIB),
        ram=Region(0x38000000, 512 * KIB),
        timer=0x50000000,
        timer_period_ns=50,
        qemu="mps2-an505",
        core="cortex-m33",
    ),
    Target(
        name="rv32imc",
        summary="RISC-V RV32IMC; 4096 KiB flash, 400 KiB RAM",
        triple="riscv32-freestanding-none",
        cpu="generic_rv32+m+c",
        emulator="BASE32",
        flash=Region(0x20000000, 4096 * KIB),
        ram=Region(0x80000000, 400 * KIB),
        family="riscv",
    ),
)

CORTEX_M0 = replace(
    next(target for target in TARGETS if target.name == "cortex-m0plus"),
    name="cortex-m0",
    summary="Arm Cortex-M0, the code of a Cortex-M0+; 256 KiB flash, 32 KiB RAM",
    script="cortex-m0plus",
    core="cortex-m0",
    chip=True,
)
"""The same instructions at other prices: no default, as it would measure all but cycles again."""
