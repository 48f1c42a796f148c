"""What carries bytes to a board and back: a serial port, or the pipes of a program."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from tinybench.boards.base import BoardError

CHUNK = 4096
PATIENCE_SECONDS = 5.0
"""How long a port may take to accept bytes, and a program to end."""


class SerialError(BoardError):
    """A board that cannot be reached or does not answer; the message says where and why."""

    page = "serial-board"


class Wire(Protocol):
    """Bytes out and bytes in; SerialError when the other side is gone."""

    def write(self, data: bytes) -> None:
        """Send all of it."""

    def read(self, seconds: float) -> bytes:
        """What has come, as soon as something has; nothing if nothing does in that time."""

    def close(self) -> None:
        """Let go of the other side."""


class PortWire:
    """A serial port, which nothing else may have open."""

    def __init__(self, port: str, baud: int) -> None:
        import serial

        self._port = port
        self._gone = (serial.SerialException, OSError, TypeError)
        try:
            self._serial = serial.Serial(
                port, baud, timeout=0, write_timeout=PATIENCE_SECONDS, exclusive=True
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise SerialError(f"{port}: {self._reason(error)}") from None

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except self._gone as error:
            raise self._vanished(error) from None

    def read(self, seconds: float) -> bytes:
        try:
            self._serial.timeout = seconds
            first = self._serial.read(1)
            return first + self._serial.read(self._serial.in_waiting) if first else b""
        except self._gone as error:
            raise self._vanished(error) from None

    def close(self) -> None:
        with contextlib.suppress(*self._gone):
            self._serial.close()

    def _vanished(self, error: Exception) -> SerialError:
        said = " ".join(str(error).split())
        return SerialError(f"{self._port}: the port vanished ({said}); plug the board in again")

    def _reason(self, error: Any) -> str:
        if getattr(error, "errno", None) == 2 or not Path(self._port).exists():
            from serial.tools.list_ports import comports

            there = ", ".join(sorted(one.device for one in comports())) or "none"
            return f"there is no such port; ports here: {there}"
        if getattr(error, "errno", None) == 13:
            return "no permission to open the port; add yourself to the group that owns it"
        if "exclusively lock" in str(error) or getattr(error, "errno", None) in (11, 16):
            return "another program uses the port; end it first"
        return f"the port cannot be opened: {' '.join(str(error).split())}"


class ProcessWire:
    """A program that is a board by itself, such as an emulator with the UART on its pipes."""

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        self._name = Path(command[0]).name
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        except OSError as error:
            raise SerialError(f"{self._name} cannot be started: {error}") from None
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._out, selectors.EVENT_READ)

    def write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except OSError:
            raise SerialError(f"{self._name} ended while it was asked") from None

    def read(self, seconds: float) -> bytes:
        if not self._ready.select(max(0.0, seconds)):
            return b""
        data = os.read(self._out, CHUNK)
        if not data:
            raise SerialError(f"{self._name} ended with status {self._process.wait()}")
        return data

    def close(self) -> None:
        self._ready.close()
        self._process.kill()
        self._process.communicate(timeout=PATIENCE_SECONDS)
