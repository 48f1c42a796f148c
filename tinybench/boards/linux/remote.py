"""A computer that is reached by ssh, for the time of a few commands.

Its host key must be known, as for the command `ssh`; nothing is asked at the terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tinybench.boards.base import BoardError

if TYPE_CHECKING:
    import asyncssh

CONNECT_SECONDS = 15.0
COPY_SECONDS = 120.0
# What holds the folder ends with the connection, however that ends, and takes the folder along.
HOLD = (
    "d=$(mktemp -d {template}) || exit 1; trap 'rm -rf \"$d\"' EXIT; trap 'exit 1' HUP TERM; "
    'echo "$d"; cat >/dev/null'
)
Answer = TypeVar("Answer")


class RemoteError(BoardError):
    """A computer cannot be reached by ssh, or refuses what a board needs of it."""

    page = "ssh-board"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the computer is, and who we are there; None leaves it to ssh's own settings."""

    host: str
    user: str | None = None
    port: int | None = None
    key: str | None = None
    known_hosts: str | None = None

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        return f"{user}{self.host}" + (f":{self.port}" if self.port else "")


class Done(NamedTuple):
    """A command's end: negative statuses are signals, as of a process here."""

    status: int
    output: bytes
    said: bytes


class Remote:
    """A connection; each method waits for its answer."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None

    def __enter__(self) -> Remote:
        try:
            self._connection = self._wait(_connected(self.address), CONNECT_SECONDS)
        except BaseException:
            self._loop.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(RemoteError):
            self._connected.close()
            self._wait(self._connected.wait_closed(), CONNECT_SECONDS)
        self._loop.close()

    @property
    def _connected(self) -> asyncssh.SSHClientConnection:
        assert self._connection is not None
        return self._connection

    def run(self, command: str, data: bytes = b"", seconds: float = CONNECT_SECONDS) -> Done:
        """A command of the shell there; RemoteError unless it ends within so many seconds."""
        done = self._wait(self._connected.run(command, input=data, encoding=None), seconds)
        status = done.returncode
        return Done(-1 if status is None else status, bytes(done.stdout), bytes(done.stderr))

    def machine(self) -> str:
        """The kind of processor there."""
        return self.run("uname -m").output.decode(errors="replace").strip()

    @contextlib.contextmanager
    def holding(self, program: bytes, folder: str) -> Iterator[str]:
        """The path of a copy of the program in a new folder there, which is removed at the end."""
        template = shlex.quote(f"{folder}/tinybench-XXXXXX")
        holder = self._wait(
            self._connected.create_process(HOLD.format(template=template), encoding=None),
            CONNECT_SECONDS,
        )
        try:
            made = self._wait(holder.stdout.readline(), CONNECT_SECONDS).decode().strip()
            if not made:
                said = self._wait(holder.stderr.read(), CONNECT_SECONDS)
                raise RemoteError(f"{self.address}: no folder in {folder}: {_last(said)}")
            path = shlex.quote(f"{made}/program")
            copied = self.run(f"cat >{path} && chmod 700 {path}", program, COPY_SECONDS)
            if copied.status:
                raise RemoteError(
                    f"{self.address}: {len(program):,} bytes cannot be written to {made}: "
                    f"{_last(copied.said)}; set `folder` to one with space"
                )
            yield path
        finally:
            with contextlib.suppress(RemoteError, OSError):
                holder.stdin.write_eof()
                self._wait(holder.wait(), CONNECT_SECONDS)

    def _wait(self, answer: Awaitable[Answer], seconds: float) -> Answer:
        import asyncssh

        where = self.address
        try:
            return self._loop.run_until_complete(asyncio.wait_for(answer, seconds))
        except (asyncio.TimeoutError, TimeoutError):
            raise RemoteError(f"{where}: no answer within {seconds:g} s") from None
        except asyncssh.HostKeyNotVerifiable as error:
            raise RemoteError(
                f"{where}: its host key is not the one that is known ({error.reason}); if that is "
                "right, `ssh-keygen -R HOST`, and connect once by ssh"
            ) from None
        except asyncssh.PermissionDenied as error:
            raise RemoteError(f"{where}: {error.reason}; set `key` to a private key") from None
        except (OSError, asyncssh.Error, asyncssh.KeyImportError) as error:
            raise RemoteError(f"{where}: cannot be reached: {error}") from None


async def _connected(address: Address) -> asyncssh.SSHClientConnection:
    import asyncssh

    options: dict[str, Any] = {
        "port": address.port,
        "username": address.user,
        "client_keys": [address.key] if address.key else None,
        "known_hosts": address.known_hosts,
    }
    given = {name: value for name, value in options.items() if value is not None}
    return await asyncssh.connect(address.host, **given)


def _last(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason was given"
