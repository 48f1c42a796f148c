"""Runs the command that writes a program into a board's flash."""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tinybench.boards import elf
from tinybench.boards.serial.wire import SerialError

TIMEOUT_SECONDS = 180
PLACE = re.compile(r"\{(\w+)\}")
PLACES = ("elf", "bin", "hex", "port")
SHOWN_LINES = 5
HEX_BYTES = 16


def wrong_command(command: str) -> str | None:
    """What is wrong with a flash command, or None."""
    unknown = [name for name in PLACE.findall(command) if name not in PLACES]
    if unknown:
        return f"{{{unknown[0]}}} is none of {', '.join(f'{{{name}}}' for name in PLACES)}"
    try:
        return None if shlex.split(command) else "there is no command"
    except ValueError as error:
        return str(error)


def flash(name: str, command: str, port: str, program: bytes, folder: Path) -> None:
    """Run it in `folder`; SerialError with what it said if it fails."""
    with tempfile.TemporaryDirectory(prefix="tinybench-") as made:
        places = {"port": port}
        for kind, data in _files(command, program).items():
            path = Path(made) / f"firmware.{kind}"
            path.write_bytes(data)
            places[kind] = str(path)
        arguments = [PLACE.sub(lambda found: places[found[1]], one) for one in shlex.split(command)]
        try:
            done = subprocess.run(
                arguments,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise SerialError(
                f"{name}: the flash command {arguments[0]} did not end in {TIMEOUT_SECONDS} s"
            ) from None
        except OSError as error:
            raise SerialError(
                f"{name}: the flash command cannot be run: {arguments[0]}: {error.strerror}"
            ) from None
    if done.returncode:
        lines = done.stdout.decode(errors="replace").split("\n")
        said = " | ".join([line.strip() for line in lines if line.strip()][-SHOWN_LINES:])
        raise SerialError(
            f"{name}: the flash command {arguments[0]} failed with status {done.returncode}: "
            f"{said or 'it said nothing'}"
        )


def _files(command: str, program: bytes) -> Mapping[str, bytes]:
    kinds = set(PLACE.findall(command)) - {"port"}
    made = {"elf": lambda: program, "bin": lambda: _bin(program), "hex": lambda: _hex(program)}
    return {kind: made[kind]() for kind in kinds}


def _segments(program: bytes) -> list[tuple[int, bytes]]:
    return sorted((one.address, one.data) for one in elf.read(program).segments if one.data)


def _bin(program: bytes) -> bytes:
    """All bytes of the flash from the first on; what is between segments is erased."""
    segments = _segments(program)
    start = segments[0][0]
    data = bytearray(b"\xff" * (max(at + len(part) for at, part in segments) - start))
    for at, part in segments:
        data[at - start : at - start + len(part)] = part
    return bytes(data)


def _hex(program: bytes) -> bytes:
    """Intel HEX."""
    lines, upper = [], -1
    for start, part in _segments(program):
        for at in range(start, start + len(part), HEX_BYTES):
            if at >> 16 != upper:
                upper = at >> 16
                lines.append(_record(0, 4, upper.to_bytes(2, "big")))
            lines.append(_record(at & 0xFFFF, 0, part[at - start : at - start + HEX_BYTES]))
    return "".join([*lines, _record(0, 1, b"")]).encode()


def _record(address: int, kind: int, data: bytes) -> str:
    body = bytes([len(data), *address.to_bytes(2, "big"), kind, *data])
    return f":{(body + bytes([-sum(body) & 0xFF])).hex().upper()}\n"
