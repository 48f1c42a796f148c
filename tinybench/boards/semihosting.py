"""Semihosting: what a program without drivers asks of the emulator, printing and ending only.

The numbers are from Arm's "Semihosting for AArch32 and AArch64"; RISC-V took them over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

OPEN, WRITEC, WRITE0, WRITE, EXIT, EXIT_EXTENDED = 0x01, 0x03, 0x04, 0x05, 0x18, 0x20
APPLICATION_EXIT = 0x20026
CONSOLE = b":tt"
CONSOLE_HANDLE = 1
REFUSED = 0xFFFFFFFF
LONGEST_TEXT = 1 << 20


@dataclass
class Host:
    """Answers requests; `read` gives the program's memory at an address."""

    read: Callable[[int, int], bytes]
    output: bytearray = field(default_factory=bytearray)
    status: int | None = None

    def answer(self, operation: int, argument: int) -> int:
        """Carry out one request and return its result; `status` is set when the program ends."""
        if operation == WRITEC:
            self.output += self.read(argument, 1)
            return 0
        if operation == WRITE0:
            self.output += self._text(argument)
            return 0
        if operation == OPEN:
            name, _, length = self._words(argument, 3)
            return CONSOLE_HANDLE if self.read(name, length) == CONSOLE else REFUSED
        if operation == WRITE:
            handle, address, length = self._words(argument, 3)
            if handle != CONSOLE_HANDLE:
                return length
            self.output += self.read(address, length)
            return 0
        if operation == EXIT:
            self.status = 0 if argument == APPLICATION_EXIT else 1
            return 0
        if operation == EXIT_EXTENDED:
            reason, status = self._words(argument, 2)
            self.status = status & 0xFF if reason == APPLICATION_EXIT else 1
            return 0
        return REFUSED

    def _words(self, address: int, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}I", self.read(address, 4 * count))

    def _text(self, address: int) -> bytes:
        text = bytearray()
        while (
            len(text) < LONGEST_TEXT and (character := self.read(address + len(text), 1)) != b"\0"
        ):
            text += character
        return bytes(text)
