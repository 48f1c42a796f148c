"""The processors that a model's C code is built for, run on and counted on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tinybench.boards.base import (
    Board,
    BoardError,
    BoardSession,
    Counters,
    CountingSession,
    DoesNotFitError,
    Firmware,
    FirmwareBoard,
    Image,
    OperatorCost,
    PatientBoard,
    SizedBoard,
    TimedBoard,
    TimingSession,
    Toolchain,
    counted,
    limited,
)
from tinybench.registry import Registry

__all__ = [
    "BOARDS",
    "DEFAULT_BOARD",
    "Board",
    "BoardError",
    "BoardSession",
    "Counters",
    "CountingSession",
    "DoesNotFitError",
    "Firmware",
    "FirmwareBoard",
    "Image",
    "OperatorCost",
    "PatientBoard",
    "SizedBoard",
    "TimedBoard",
    "TimingSession",
    "Toolchain",
    "counted",
    "limited",
]

DEFAULT_BOARD = "cortex-m4"


def _builtin() -> Iterable[Board]:
    from tinybench.boards.avr import ArduinoUno
    from tinybench.boards.chips import chips
    from tinybench.boards.emulated import EmulatedBoard
    from tinybench.boards.linux.emulated import LinuxBoard
    from tinybench.boards.linux.targets import EMULATED
    from tinybench.boards.qemu import QemuBoard
    from tinybench.boards.serial.qemu import MACHINES, QemuUartBoard
    from tinybench.boards.targets import CORTEX_M0, TARGETS

    return [
        *(EmulatedBoard(target) for target in TARGETS),
        *(QemuBoard(target) for target in TARGETS if target.qemu),
        *(EmulatedBoard(target) for target in (CORTEX_M0, *chips())),
        ArduinoUno(),
        *(QemuUartBoard(machine) for machine in MACHINES),
        *(LinuxBoard(target) for target in EMULATED),
    ]


def _declared() -> Iterable[Board]:
    from tinybench.boards.declared import declared

    return declared(Path.cwd(), BOARDS.is_builtin)


BOARDS: Registry[Board] = Registry("board", builtin=_builtin, declared=_declared)
