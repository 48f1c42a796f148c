"""The parts that need no compiler and no emulator."""

import io
import struct
from pathlib import Path

import pytest

from tinybench.boards import BoardError, channel, elf, sources
from tinybench.boards.semihosting import EXIT, EXIT_EXTENDED, OPEN, WRITE, WRITE0, WRITEC, Host


def test_message_round_trip() -> None:
    stream = io.BytesIO()
    channel.send(stream, {"do": "run", "count": 2}, b"\0\1")
    channel.send(stream, {})
    stream.seek(0)

    assert channel.receive(stream) == ({"do": "run", "count": 2}, b"\0\1")
    assert channel.receive(stream) == ({}, b"")
    with pytest.raises(EOFError):
        channel.receive(stream)


def memory(content: bytes) -> Host:
    return Host(lambda address, size: content[address : address + size])


def test_semihosting_prints() -> None:
    host = memory(b"text\0:tt" + struct.pack("<3I", 5, 4, 3) + struct.pack("<3I", 1, 0, 4))

    assert host.answer(WRITE0, 0) == 0
    assert host.answer(WRITEC, 1) == 0
    assert host.answer(OPEN, 8) == 1
    assert host.answer(WRITE, 20) == 0

    assert host.output == b"textetext"
    assert host.status is None


@pytest.mark.parametrize(
    ("operation", "argument", "status"),
    [
        (EXIT, 0x20026, 0),
        (EXIT, 0x20023, 1),
        (EXIT_EXTENDED, 0, 5),
        (EXIT_EXTENDED, 8, 1),
    ],
)
def test_semihosting_ends(operation: int, argument: int, status: int) -> None:
    host = memory(struct.pack("<4I", 0x20026, 5, 0x20023, 0))

    host.answer(operation, argument)

    assert host.status == status


def test_semihosting_refuses_files() -> None:
    host = memory(b"secret" + b"\0\0" + struct.pack("<3I", 0, 0, 6) + struct.pack("<3I", 7, 0, 6))

    assert host.answer(OPEN, 8) == 0xFFFFFFFF
    assert host.answer(WRITE, 20) == 6
    assert host.answer(0x12, 0) == 0xFFFFFFFF
    assert host.output == b""


def test_address_to_symbol() -> None:
    program = elf.Elf(0, (), {}, {}, ((0x10, 0x20, "first"), (0x30, 0x34, "second")))

    assert program.locate(0x10) == "first+0x0"
    assert program.locate(0x1C) == "first+0xc"
    assert program.locate(0x33) == "second+0x3"
    assert program.locate(0x20) == "?"
    assert program.locate(0) == "?"


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF" + bytes(60), b"text" * 30])
def test_damaged_elf(data: bytes) -> None:
    with pytest.raises(BoardError, match="not a"):
        elf.read(data)


def test_sources_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy inside the package wins over a folder beside it; without either, one line."""
    package = tmp_path / "tinybench"
    monkeypatch.setattr(sources, "PACKAGE", package)

    with pytest.raises(BoardError, match="the firmware sources are missing"):
        sources.firmware_root()
    for folder in (tmp_path / "firmware", package / "_firmware"):
        (folder / "include").mkdir(parents=True)
        (folder / "include" / "board.h").touch()

        assert sources.firmware_root() == folder
