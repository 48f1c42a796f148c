"""Messages between the process that asks and the emulator's worker.

A message is two little-endian 32-bit lengths, a JSON object and a block of bytes:

    | header length | payload length | header: UTF-8 JSON | payload |

The worker answers every message with one. A header with `fault` or `error` is a failure.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

LENGTHS = struct.Struct("<II")


def send(stream: IO[bytes], header: dict[str, Any], payload: bytes = b"") -> None:
    """Write one message."""
    text = json.dumps(header).encode()
    stream.write(LENGTHS.pack(len(text), len(payload)) + text)
    stream.write(payload)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one message; EOFError when the other side is gone."""
    header_length, payload_length = LENGTHS.unpack(_exactly(stream, LENGTHS.size))
    header = json.loads(_exactly(stream, header_length))
    return header, _exactly(stream, payload_length)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise EOFError("the other side closed the channel")
    return data
