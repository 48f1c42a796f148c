"""What is in a cache, and what of it may go while others use it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinybench.storage import contents
from tinybench.storage.contents import NoCacheError, prune
from tinybench.storage.store import Store

DAY = 86_400.0


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """With one entry."""
    store = Store(tmp_path / "cache")
    store.get("sine-int8", 1, "tflite", lambda: b"model")
    return store


def age(path: Path, days: float) -> None:
    """Let a file, or a folder with all that is in it, have been used last so long ago."""
    then = time.time() - days * DAY
    for part in (path, *path.rglob("*")):
        os.utime(part, (then, then))


def write(path: Path, days: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    age(path, days)
    return path


def kinds(root: Path) -> list[str]:
    return sorted(entry.kind for entry in contents.contents(root))


def the_entry(store: Store) -> Path:
    (path,) = store.root.glob("*.tflite")
    return path


def test_kinds_and_sizes(store: Store) -> None:
    """Every part of a cache, each with the bytes that it takes; nothing else in the folder."""
    hashes = "0" * 16 + "-" + "1" * 16
    write(store.root / "unfinished" / "sine-float32-0123" / "qat-epochs.npz")
    write(store.root / "timings" / "time-20260101T000000-01234567.npz")
    write(store.root / "zig" / "o" / "a.o")
    write(store.root / "zig" / "h" / "b.txt")
    write(store.root / f".a-{hashes}.npz.abcd_123")
    write(store.root / f"a-{hashes}.elf")
    write(store.root / "notes.txt")

    found = {entry.kind: entry.size for entry in contents.contents(store.root)}

    assert found == {
        "models": 5,
        "programs": 5,
        "unfinished trainings": 5,
        "timings": 5,
        "compiler": 10,
        "left by killed runs": 5,
    }


def test_no_folder(tmp_path: Path) -> None:
    assert list(contents.contents(tmp_path / "none")) == []


@pytest.mark.parametrize(("days", "removed"), [(29, 0), (31, 1)])
def test_what_was_not_used_for_long_goes(store: Store, days: float, removed: int) -> None:
    age(the_entry(store), days)

    assert len(prune(store.root, 30 * DAY)) == removed
    assert len(kinds(store.root)) == 1 - removed


def test_reading_is_use(store: Store) -> None:
    age(the_entry(store), 31)
    store.get("sine-int8", 1, "tflite", lambda: b"another")

    assert prune(store.root, 30 * DAY) == []


def test_what_goes_is_made_again(store: Store) -> None:
    prune(store.root, 0)

    assert store.get("sine-int8", 1, "tflite", lambda: b"model") == b"model"
    assert kinds(store.root) == ["models"]


@pytest.mark.parametrize("name", [f".a-{'0' * 16}-{'1' * 16}.npz.abcd_123", "..gitignore.0123abcd"])
def test_what_killed_runs_left_goes_after_an_hour(store: Store, name: str) -> None:
    """Whatever age is asked for: before, somebody may be writing it."""
    path = write(store.root / name)

    assert prune(store.root, 30 * DAY) == []
    age(path, 1 / 12)
    assert [entry.path for entry in prune(store.root, 30 * DAY)] == [path]


@pytest.mark.parametrize(
    "name", ["unfinished/sine-qat-0/qat.npz", "timings/time-1.npz", "zig/o/a.o"]
)
def test_what_has_no_lock_is_left_alone_for_an_hour(store: Store, name: str) -> None:
    path = write(store.root / name)
    the_entry(store).unlink()

    assert prune(store.root, 0) == []
    age(store.root / Path(name).parts[0], 1 / 12)
    assert len(prune(store.root, 0)) == 1
    assert not path.exists()


def test_locks_of_nobody_go(store: Store) -> None:
    assert list((store.root / "locks").iterdir())

    prune(store.root, 30 * DAY)

    assert list((store.root / "locks").iterdir()) == []


def test_files_of_others_stay(store: Store) -> None:
    """However old."""
    names = ["notes.txt", ".settings.abcdefgh", "sine-int8.tflite", "data/a.npz"]
    paths = [write(store.root / name, days=1000) for name in names]

    prune(store.root, 0)

    assert all(path.exists() for path in paths)


def test_a_folder_that_is_no_cache(tmp_path: Path) -> None:
    path = write(tmp_path / f"a-{'0' * 16}-{'1' * 16}.npz", days=1000)

    with pytest.raises(NoCacheError, match="is no cache of tinybench: nothing was removed"):
        prune(tmp_path, 0)
    assert path.exists()


MAKE = """
import sys
from pathlib import Path
from tinybench.storage.store import Store

def make():
    print("making", flush=True)
    sys.stdin.read()
    return b"model"

Store(Path(sys.argv[1])).get("sine-int8", 1, "tflite", make)
"""


def test_what_another_process_makes_is_left_alone(tmp_path: Path) -> None:
    """Neither its lock nor what the compiler needs for it goes."""
    zig = write(tmp_path / "zig" / "a.o")
    age(tmp_path / "zig", 100)
    command = [sys.executable, "-c", MAKE, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"making\n"
        (lock,) = (tmp_path / "locks").iterdir()
        # As if there were an old one beside the one that is made.
        key = lock.stem
        old = write(tmp_path / f"sine-int8-{key}-{'0' * 16}.tflite", days=100)

        assert prune(tmp_path, 0) == []
        assert all(path.exists() for path in (lock, zig, old))
        other.communicate()

    assert other.returncode == 0
    assert {entry.path for entry in prune(tmp_path, DAY)} == {old, tmp_path / "zig"}
