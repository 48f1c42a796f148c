"""The kinds of processor that programs for Linux are built for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinuxTarget:
    """What zig calls it, what `uname -m` there may say, and the command of qemu-user for it."""

    name: str
    summary: str
    triple: str
    cpu: str
    machines: tuple[str, ...]
    qemu: str


AARCH64 = LinuxTarget(
    "linux-aarch64",
    "Linux on 64-bit Arm with NEON, such as a Raspberry Pi 3, 4 or 5",
    "aarch64-freestanding-none",
    "generic",
    ("aarch64", "arm64"),
    "qemu-aarch64",
)
# The Cortex-A7 is the least of the Raspberry Pi's processors that has NEON.
ARMHF = LinuxTarget(
    "linux-armhf",
    "Linux on 32-bit Arm with NEON, such as a Raspberry Pi 2",
    "thumb-freestanding-eabihf",
    "cortex_a7",
    ("armv7l", "armv8l", "aarch64"),
    "qemu-arm",
)
X86_64 = LinuxTarget(
    "linux-x86_64", "Linux on a 64-bit PC", "x86_64-freestanding-none", "x86_64", ("x86_64",), ""
)

LINUX_TARGETS = (AARCH64, ARMHF, X86_64)
EMULATED = tuple(target for target in LINUX_TARGETS if target.qemu)


def target_of(machine: str) -> LinuxTarget | None:
    """The target of a computer whose `uname -m` says this."""
    return next((target for target in LINUX_TARGETS if machine in target.machines), None)
