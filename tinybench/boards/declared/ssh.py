"""The kind of board that is a computer with Linux, reached by ssh."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards.base import TIMEOUT_SECONDS
from tinybench.boards.declared.declaration import Declaration, Kind
from tinybench.registry import UnknownNameError

if TYPE_CHECKING:
    from tinybench.boards.base import Board

ADDRESS = re.compile(
    r"(?:(?P<user>[^@\s]+)@)?(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\])(?::(?P<port>\d+))?"
)
LARGEST_PORT = 65535


def _reached(declared: Declaration) -> Board:
    from tinybench.boards.linux.remote import Address
    from tinybench.boards.linux.ssh import SshBoard
    from tinybench.boards.linux.targets import LINUX_TARGETS

    text = declared.text("ssh")
    found = ADDRESS.fullmatch(text)
    port = int(found["port"]) if found and found["port"] else None
    if found is None or (port is not None and not 0 < port <= LARGEST_PORT):
        raise declared.wrong(f'ssh is {text!r}, not an address such as "pi@raspberrypi:22"')
    files = {
        key: str(Path(declared.text(key)).expanduser()) if key in declared.settings else None
        for key in ("key", "known_hosts")
    }
    targets = {target.name: target for target in LINUX_TARGETS}
    processor = declared.text("processor", "") if "processor" in declared.settings else None
    if processor is not None and processor not in targets:
        raise declared.wrong(str(UnknownNameError("processor", processor, targets)))
    address = Address(found["host"].strip("[]"), found["user"], port, **files)
    return SshBoard(
        declared.name,
        f"{declared.text('summary', 'Linux')}, by ssh at {address}",
        address,
        targets[processor] if processor else None,
        declared.text("folder", "/tmp"),
        declared.number("timeout", TIMEOUT_SECONDS, 1.0),
    )


SSH = Kind(
    "ssh",
    frozenset({"ssh", "processor", "summary", "key", "known_hosts", "folder", "timeout"}),
    _reached,
)
