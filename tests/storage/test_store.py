"""The cache: made once, never half, never wrong."""

import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tinybench.storage.store import Store, StoreWarning, write_atomically

from ..components import needs


def refuse() -> bytes:
    raise AssertionError("made again")


def entries(root: Path) -> list[Path]:
    return sorted(root.glob("*.bin"))


def test_made_once(tmp_path: Path) -> None:
    """The second request is answered from the file; other inputs are another entry."""
    store = Store(tmp_path)

    assert store.get("thing", {"a": 1, "b": 2}, "bin", lambda: b"value") == b"value"
    assert Store(tmp_path).get("thing", {"b": 2, "a": 1}, "bin", refuse) == b"value"
    assert store.get("thing", {"a": 2}, "bin", lambda: b"other") == b"other"
    assert [path.read_bytes() for path in entries(tmp_path)].count(b"value") == 1


@pytest.mark.parametrize("damage", [b"", b"valu", b"value and more", b"Value"])
def test_damaged_entry_is_made_again(tmp_path: Path, damage: bytes) -> None:
    """A truncated or changed file is noticed by its digest."""
    store = Store(tmp_path)
    store.get("thing", 1, "bin", lambda: b"value")
    entries(tmp_path)[0].write_bytes(damage)

    with pytest.warns(StoreWarning, match="is damaged and is made again"):
        assert store.get("thing", 1, "bin", lambda: b"value") == b"value"
    assert [path.read_bytes() for path in entries(tmp_path)] == [b"value"]


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    """An exception while making is the caller's; the next request makes it."""
    store = Store(tmp_path)

    with pytest.raises(AssertionError, match="made again"):
        store.get("thing", 1, "bin", refuse)
    assert entries(tmp_path) == []
    assert store.get("thing", 1, "bin", lambda: b"value") == b"value"


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Without a usable folder the value is made, with one warning that names the folder."""
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    store = Store(tmp_path / "file" / "cache")

    with pytest.warns(StoreWarning, match=r"cannot write to the cache .*file/cache"):
        assert store.get("thing", 1, "bin", lambda: b"value") == b"value"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert store.get("thing", 2, "bin", lambda: b"other") == b"other"


@needs("/dev/full")
def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails for want of space, the value still comes back, and no part is left."""
    store = Store(tmp_path)
    store.get("thing", 0, "bin", lambda: b"first")
    real = os.fdopen

    def on_full_disk(handle: int, mode: str) -> object:
        os.close(handle)
        # Buffered: the error comes when the file is closed, as on a real full disk.
        return real(os.open("/dev/full", os.O_WRONLY), mode)

    monkeypatch.setattr(os, "fdopen", on_full_disk)

    with pytest.warns(StoreWarning, match="No space left on device"):
        assert store.get("thing", 1, "bin", lambda: b"value" * 9999) == b"value" * 9999
    monkeypatch.undo()
    assert [path.read_bytes() for path in entries(tmp_path)] == [b"first"]
    assert not list(tmp_path.glob(".*.bin.*"))


MAKE_WHEN_TOLD = """
import sys
from pathlib import Path

import filelock

class Announced(filelock.FileLock):
    def acquire(self, *arguments, **options):
        print("asks for the lock", flush=True)
        return super().acquire(*arguments, **options)

filelock.FileLock = Announced
from tinybench.storage.store import Store

root, log = map(Path, sys.argv[1:])

def make():
    with log.open("a") as file:
        file.write("made\\n")
    sys.stdin.read()
    return b"value"

assert Store(root).get("thing", 1, "bin", make) == b"value"
"""


def test_concurrent_processes_make_it_once(tmp_path: Path) -> None:
    """Of several processes that found no entry, one makes it and the others wait for it."""
    command = [sys.executable, "-c", MAKE_WHEN_TOLD, str(tmp_path / "cache"), str(tmp_path / "log")]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, stdin=pipe, stdout=pipe) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"asks for the lock\n"

    # The end of its input lets the one that makes it go on.
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()

    assert [process.wait(timeout=60) for process in processes] == [0] * 4
    assert (tmp_path / "log").read_text(encoding="utf-8") == "made\n"


MAKE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from tinybench.storage.store import Store

Store(Path(sys.argv[1])).get("thing", 1, "bin", lambda: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_killed_while_making(tmp_path: Path) -> None:
    """A process killed in the middle leaves no lock and no entry behind."""
    killed = subprocess.run([sys.executable, "-c", MAKE_AND_DIE, str(tmp_path)], timeout=60)

    assert killed.returncode == -signal.SIGKILL
    assert Store(tmp_path).get("thing", 1, "bin", lambda: b"value") == b"value"


def test_atomic_write_keeps_the_old_file_on_failure(tmp_path: Path) -> None:
    """A write that cannot be finished leaves the old content and no temporary file."""
    target = tmp_path / "folder"
    (target / "inside").mkdir(parents=True)

    with pytest.raises(OSError, match="folder"):
        write_atomically(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
