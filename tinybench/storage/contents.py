"""What is in the cache, and removing what nobody used for long."""

from __future__ import annotations

import contextlib
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinybench.errors import TinybenchError
from tinybench.storage.store import LOCKS

ENTRY = re.compile(r".+-(?P<key>[0-9a-f]{16})-[0-9a-f]{16}\.(?P<suffix>\w+)")
HALF_WRITTEN = re.compile(rf"\.({ENTRY.pattern}|\.gitignore)\.\w{{8}}")
"""What `write_atomically` calls a file until it is complete."""
WORK_SECONDS = 3600.0
"""Whoever has not changed a file for so long does not work on it any more."""

KINDS = {
    "tflite": "models",
    "elf": "programs",
    "so": "emulator",
    "npz": "arrays",
    "npy": "arrays",
    "png": "figures",
}
OTHER, LEFT, COMPILER = "other", "left by killed runs", "compiler"
FOLDERS = {"unfinished": "unfinished trainings", "timings": "timings", "zig": COMPILER}


class NoCacheError(TinybenchError):
    """A folder that no tinybench made, in which nothing is removed."""

    page = "not-a-cache"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, or a folder that is kept or removed as one; `used` is a time since the epoch."""

    path: Path
    kind: str
    size: int
    used: float
    key: str = ""


def contents(root: Path) -> Iterator[Entry]:
    """All entries of a cache; none where there is no such folder."""
    for path in _inside(root):
        if path.is_dir():
            yield from _parts(path)
        elif match := ENTRY.fullmatch(path.name):
            if found := _entry(path, KINDS.get(match["suffix"], OTHER), match["key"]):
                yield found
        elif HALF_WRITTEN.fullmatch(path.name) and (found := _entry(path, LEFT)):
            yield found


def prune(root: Path, older_than: float) -> list[Entry]:
    """Remove what nobody used for so many seconds, and return it; NoCacheError for other folders.

    Safe while others use the cache: what somebody makes at this moment is left alone, and what is
    missed is made again.
    """
    if not (root / LOCKS).is_dir():
        raise NoCacheError(f"{root} is no cache of tinybench: nothing was removed")
    now = time.time()
    removed = []
    for entry in list(contents(root)):
        if entry.kind == LEFT:
            least = WORK_SECONDS
        elif entry.key:
            least = older_than
        else:
            # No lock says whether somebody works on it.
            least = max(older_than, WORK_SECONDS)
        if now - entry.used >= least and _remove(root, entry):
            removed.append(entry)
    _remove_locks(root)
    return removed


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _parts(folder: Path) -> Iterator[Entry]:
    """Of a folder of the cache; the compiler's own cache is one whole."""
    if (kind := FOLDERS.get(folder.name)) is None:
        return
    for path in [folder] if kind == COMPILER else _inside(folder):
        if found := _entry(path, kind):
            yield found


def _entry(path: Path, kind: str, key: str = "") -> Entry | None:
    """None for what somebody removed at this moment."""
    size, used = 0, 0.0
    for part in (path, *path.rglob("*")):
        with contextlib.suppress(OSError):
            known = part.stat()
            size += 0 if part.is_dir() else known.st_size
            used = max(used, known.st_mtime)
    return Entry(path, kind, size, used, key) if used else None


def _remove(root: Path, entry: Entry) -> bool:
    if entry.kind == COMPILER and not _idle(root):
        return False
    with _free(root / LOCKS / f"{entry.key}.lock" if entry.key else None) as free:
        if not free:
            return False
        if entry.path.is_dir():
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                entry.path.unlink()
    return not entry.path.exists()


def _idle(root: Path) -> bool:
    """Whether nobody makes anything at this moment."""
    for path in (root / LOCKS).glob("*.lock"):
        with _free(path) as free:
            if not free:
                return False
    return True


def _remove_locks(root: Path) -> None:
    """Those that nobody holds: they are made again when somebody wants them."""
    for path in (root / LOCKS).glob("*.lock"):
        with _free(path) as free, contextlib.suppress(OSError):
            if free:
                path.unlink()


@contextlib.contextmanager
def _free(path: Path | None) -> Iterator[bool]:
    """Whether nobody holds a lock; while the block runs nobody gets it."""
    from filelock import FileLock, Timeout

    if path is None:
        yield True
        return
    lock = FileLock(path, blocking=False)
    try:
        lock.acquire()
    except (Timeout, OSError, NotImplementedError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
