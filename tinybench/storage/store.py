"""A content-addressed cache of files that are slow to make: checkpoints, variants, predictions.

An entry is one file, `<name>-<key>-<digest>.<suffix>`. The key is a hash of everything that went
in; the digest, of the bytes that came out. So an entry is complete or absent, a damaged one is
noticed and made again, and a file can be opened with the ordinary tools.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinybench.errors import TinybenchError
from tinybench.storage import hashing

LOCKS = "locks"
"""The folder of the locks of what is being made, below the cache."""
USED_SECONDS = 3600.0
"""An entry's time of change says when it was used last, as exactly as this."""


class BusyError(TinybenchError):
    """Somebody else is publishing at this moment."""

    page = "cache-busy"


class StoreWarning(UserWarning):
    """The cache could not be used as meant; the run goes on without it."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp's mode is 0600; a file that is published is readable like its neighbours.
        Path(temporary).chmod(0o666 & ~umask())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only process that publishes into a folder; BusyError if another one is.

    The lock is on the folder itself and leaves no file; where the system has none, there is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"another tinybench is writing to {folder}; try again") from None
        yield
    finally:
        os.close(handle)


def umask() -> int:
    """The process's mask of file modes; there is no way to read it but to set it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Store:
    """Entries below one folder, shared safely by processes that run at the same time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._warned = False

    def get(self, name: str, inputs: Any, suffix: str, make: Callable[[], bytes]) -> bytes:
        """The bytes that `make` returns for these JSON-able inputs, from the cache if it can.

        `name` is for people. Two processes that want one entry make it once: the second waits. A
        folder that cannot be written, or a full disk, costs a warning and the time to make it.
        """
        key = hashing.of_json(inputs)[:16]
        if (found := self._read(name, key, suffix)) is not None:
            return found
        with self._lock(key):
            if (found := self._read(name, key, suffix)) is not None:
                return found
            data = make()
            self._write(self.root / f"{name}-{key}-{hashing.of_bytes(data)[:16]}.{suffix}", data)
        return data

    def note(self, name: str) -> str | None:
        """The text of a note that `set_note` left; None if there is none."""
        try:
            return (self.root / name).read_text("utf-8")
        except OSError:
            return None

    def set_note(self, name: str, text: str) -> None:
        """Leave a text for later runs, in the place of an older one of the name."""
        if self.note(name) != text:
            self._write(self.root / name, text.encode())

    def _read(self, name: str, key: str, suffix: str) -> bytes | None:
        for path in sorted(self.root.glob(f"{name}-{key}-*.{suffix}")):
            with contextlib.suppress(OSError):
                data = path.read_bytes()
                if path.stem.endswith(hashing.of_bytes(data)[:16]):
                    _mark_used(path)
                    return data
                self._warn(f"{path} is damaged and is made again")
                path.unlink()
        return None

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_atomically(path, data)
        except OSError as error:
            self._warn(f"cannot write to the cache {self.root}: {error.strerror or error}")

    @contextlib.contextmanager
    def _lock(self, key: str) -> Iterator[None]:
        from filelock import FileLock

        lock = FileLock(self.root / LOCKS / f"{key}.lock")
        try:
            (self.root / LOCKS).mkdir(parents=True, exist_ok=True)
            if not (ignore := self.root / ".gitignore").exists():
                write_atomically(ignore, b"*\n")
            lock.acquire()
        except (OSError, NotImplementedError) as error:
            self._warn(f"cannot write to the cache {self.root}: {error}")
            yield
            return
        try:
            yield
        finally:
            lock.release()

    def _warn(self, text: str) -> None:
        if not self._warned:
            self._warned = True
            warnings.warn(f"tinybench: {text}", StoreWarning, stacklevel=4)


def _mark_used(path: Path) -> None:
    """So that what is used is not pruned. A cache that cannot be written is none of ours."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > USED_SECONDS:
            os.utime(path)
