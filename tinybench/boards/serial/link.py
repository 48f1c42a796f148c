"""Asks the harness on a board, and asks again what noise has spoiled, a bounded number of times."""

from __future__ import annotations

import time
from typing import Any

from tinybench.boards.serial import frames
from tinybench.boards.serial.wire import SerialError, Wire

TRIES = 4
ANSWER_SECONDS = 2.0
"""How long a command may take that runs no model."""
HELLO_TRIES, HELLO_SECONDS = 16, 0.5
SPOILED = ("form", "length", "check sum")
"""What the board says of a command that noise has changed."""
LONGEST_LINE = 1 << 16
"""Of bytes without a newline no more are kept: they are no answer."""


class RestartedError(SerialError):
    """The board has begun anew: what was written to it is lost."""


def _waits(seconds: float, tries: int) -> list[float]:
    """How long each try waits; an inference may take long, and its command may have got lost."""
    waits = [min(seconds, ANSWER_SECONDS)] * tries if seconds <= ANSWER_SECONDS else []
    while sum(waits) < seconds:
        waits.append(ANSWER_SECONDS * 2 ** len(waits))
    return waits


class Link:
    """One conversation. The board answers each command before the next is sent."""

    def __init__(self, name: str, wire: Wire) -> None:
        self._name = name
        self._wire = wire
        self._sequence = 0
        self._pending = b""

    def hello(self, tries: int = HELLO_TRIES) -> dict[str, Any]:
        """What the board says of its model; SerialError if none answers or it speaks otherwise.

        A board that starts when its port is opened hears nothing for a while.
        """
        said = self.ask("h", seconds=HELLO_SECONDS, tries=tries)
        if said.get("protocol") != frames.PROTOCOL:
            raise SerialError(
                f"{self._name}: its firmware speaks protocol {said.get('protocol')}, not "
                f"{frames.PROTOCOL}; build the harness of this tinybench and flash it"
            )
        return said

    def ask(
        self, letter: str, arguments: str = "", seconds: float = ANSWER_SECONDS, tries: int = TRIES
    ) -> dict[str, Any]:
        """The answer to one command; SerialError without one, RestartedError after a reset."""
        self._sequence = (self._sequence + 1) % frames.SEQUENCES
        heard = False
        waits = _waits(seconds, tries)
        for wait in waits:
            self._wire.write(frames.command(self._sequence, letter, arguments))
            end = time.monotonic() + wait
            while (line := self._line(end)) is not None:
                heard = True
                said = frames.answer(line)
                if said is None:
                    continue
                if said["metric"] == "boot" and letter != "h":
                    raise RestartedError(f"{self._name}: the board was reset while it was asked")
                if said["metric"] == "error" and said["to"] == 0 and said["value"] in SPOILED:
                    break
                if said["to"] == self._sequence and said["metric"] != "boot":
                    return self._checked(said)
        what = "only noise came; check baud and the wires" if heard else "it is silent"
        raise SerialError(
            f"{self._name}: no answer in {len(waits)} tries and {sum(waits):g} s: {what}; "
            "is the harness flashed, and the board running?"
        )

    def _checked(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["metric"] != "error":
            return said
        if said["value"] == "sequence":
            raise RestartedError(f"{self._name}: the board was reset while it was asked")
        raise SerialError(f"{self._name}: the board refuses a command: {said['value']}")

    def _line(self, end: float) -> bytes | None:
        """The next line that the board ended before this time."""
        while b"\n" not in self._pending:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._pending = (self._pending + self._wire.read(left))[-LONGEST_LINE:]
        line, _, self._pending = self._pending.partition(b"\n")
        return line
