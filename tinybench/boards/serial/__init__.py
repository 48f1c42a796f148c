"""Real boards at the other end of a serial line.

firmware/src/harness.c runs there; `frames` has the words of its protocol, `wire` what carries them,
`link` asks and asks again, and `board` is a board as every other.
"""

from tinybench.boards.serial.wire import PortWire, ProcessWire, SerialError, Wire

__all__ = ["PortWire", "ProcessWire", "SerialError", "Wire"]
