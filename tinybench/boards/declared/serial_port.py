"""The kind of board that is at a serial port."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards.base import BoardError
from tinybench.boards.declared.declaration import Declaration, Kind
from tinybench.registry import UnknownNameError

if TYPE_CHECKING:
    from tinybench.boards.base import Board

BAUD = 115200
SETTINGS = frozenset({"port", "baud", "flash", "clock_hz", "processor", "firmware", "summary"})


def _at_port(declared: Declaration) -> Board:
    from tinybench.boards.chips import processors
    from tinybench.boards.serial.board import SerialBoard
    from tinybench.boards.serial.firmware import firmware_of
    from tinybench.boards.serial.flashing import wrong_command

    known, name = processors(), declared.text("processor")
    if name not in known:
        raise declared.wrong(str(UnknownNameError("processor", name, known)))
    command = declared.text("flash") if "flash" in declared.settings else None
    if command is not None and (reason := wrong_command(command)):
        raise declared.wrong(f"flash is {command!r}: {reason}")
    what = declared.text("summary", f"{declared.name} ({name})")
    target = replace(
        known[name], name=declared.name, summary=what, processor=name, chip=True, qemu=""
    )
    try:
        firmware = firmware_of(_folder(declared), target)
    except BoardError as error:
        raise declared.wrong(f"firmware: {error}") from None
    return SerialBoard(
        declared.name,
        target,
        firmware,
        declared.text("port"),
        declared.whole("baud", BAUD),
        command,
        declared.whole("clock_hz") if "clock_hz" in declared.settings else None,
        declared.folder,
    )


def _folder(declared: Declaration) -> Path:
    """One of the project's folders, or else of tinybench's own."""
    from tinybench.boards.sources import firmware_root

    name = declared.text("firmware")
    own = declared.folder / name
    return own if own.is_dir() else firmware_root() / "boards" / name


SERIAL = Kind("port", SETTINGS, _at_port)
