"""Commands and answers as bytes; firmware/src/harness.c describes them and is the other side.

A command is `>LLLLCCCCSSSSXarguments` and a newline; an answer is a line `tinybench: {json}` that
ends with a check sum of its own. Whatever else comes along a line is noise.
"""

from __future__ import annotations

import binascii
import json
import re
from typing import Any

PROTOCOL = 1
SEQUENCES = 1 << 16
FRAME_BYTES = 22
"""What a command that writes has around its data, in characters of a line."""
ANSWER = re.compile(rb'tinybench: (\{.*), "crc": (\d+)\}\s*$', re.DOTALL)


def crc16(data: bytes) -> int:
    """CRC-16 with 0x1021, from 0xFFFF."""
    return binascii.crc_hqx(data, 0xFFFF)


def command(sequence: int, letter: str, arguments: str = "") -> bytes:
    """One line to the board."""
    body = f"{sequence:04x}{letter}{arguments}".encode("ascii")
    return b">%04x%04x%s\n" % (len(body), crc16(body), body)


def answer(line: bytes) -> dict[str, Any] | None:
    """What a line of the board says; None for one that is no answer, or a spoiled one."""
    found = ANSWER.search(line)
    if not found or crc16(found[1]) != int(found[2]):
        return None
    try:
        said = json.loads(found[1] + b"}")
    except ValueError:
        return None
    return said if {"metric", "value", "to"} <= said.keys() else None
