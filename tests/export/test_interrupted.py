"""An export that fails, is killed or meets another leaves one whole folder and no litter."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tinybench.export import replace

from ..components import needs
from .folders import ONE, TWO, beside, files_of, tree

KILLED = Path(__file__).with_name("killed.py")


class StopError(Exception):
    """What stops an export in these tests."""


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("call", range(len(TWO)))
def test_a_failing_write_changes_nothing(
    target: Path, monkeypatch: pytest.MonkeyPatch, call: int, error: type[BaseException]
) -> None:
    replace(target, ONE)
    (target / "notes.txt").write_text("mine")
    was = tree(target)
    fail(monkeypatch, Path, "write_bytes", call, error)

    with pytest.raises(error):
        replace(target, TWO)

    monkeypatch.undo()
    assert tree(target) == was
    assert beside(target) == [".model.lock"]


def fail(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, call: int, error: type[BaseException]
) -> None:
    """Let a function raise at one of its calls, counted from 0."""
    real, calls = getattr(owner, name), []

    def failing(*arguments: Any, **options: Any) -> Any:
        calls.append(arguments)
        if len(calls) == call + 1:
            raise error("stopped")
        return real(*arguments, **options)

    monkeypatch.setattr(owner, name, failing)


def without_exchange(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """A system that cannot exchange two folders in one step."""

    class Library:
        if how == "refuses":
            renameat2 = staticmethod(lambda *arguments: -1)

    def load(*arguments: object, **options: object) -> Library:
        if how == "no library":
            raise OSError(how)
        return Library()

    monkeypatch.setattr(ctypes, "CDLL", load)


@pytest.mark.parametrize("how", ["refuses", "no function", "no library"])
def test_a_system_without_exchange(target: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """It is two renames there, and the result is the same."""
    replace(target, ONE)
    (target / "notes.txt").write_text("mine")
    without_exchange(monkeypatch, how)

    replace(target, TWO)

    assert files_of(target) == {**TWO, "notes.txt": b"mine"}
    assert beside(target) == [".model.lock"]


@pytest.mark.parametrize("call", [0, 1])
def test_a_failing_rename_puts_the_old_folder_back(
    target: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    replace(target, ONE)
    was = tree(target)
    without_exchange(monkeypatch, "refuses")
    fail(monkeypatch, Path, "replace", call, StopError)

    with pytest.raises(StopError):
        replace(target, TWO)

    assert tree(target) == was
    assert beside(target) == [".model.lock"]


def test_leftovers_of_killed_exports_go_and_others_stay(target: Path) -> None:
    """Only names that an export to this very folder gives."""
    replace(target, ONE)
    names = [
        *(".model.tinybench-abcd_123", ".model.tinybench-abcd_123.old"),
        *(
            ".model.backup",
            ".model.tinybench-mine",
            ".models.tinybench-abcd_123",
            ".model.abcd_123",
        ),
    ]
    for name in names:
        (target.parent / name).mkdir()
        (target.parent / name / "file").write_text("x")

    replace(target, TWO)

    assert beside(target) == sorted([".model.lock", *names[2:]])


@needs("fork")
@pytest.mark.parametrize("mode", ["exchange", "renames"])
def test_a_kill_at_any_moment_leaves_one_whole_export(tmp_path: Path, mode: str) -> None:
    """By the manifest's digests, and with the user's file; the next export tidies up."""
    command = [sys.executable, str(KILLED), mode, str(tmp_path / "model")]

    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    assert said["broken"] == []
    assert said["killed"] >= 30
    # Between two renames the folder is aside; an exchange has no such moment.
    aside = ["aside"] if mode == "renames" else []
    assert said["states"] == [*aside, "one", "two"]
    assert beside(tmp_path / "model") == [".model.lock"]


def test_exports_at_the_same_time_wait_for_each_other(tmp_path: Path) -> None:
    command = [sys.executable, str(KILLED), "loop", str(tmp_path / "model")]
    both = [subprocess.Popen(command) for _ in range(2)]

    assert [process.wait() for process in both] == [0, 0]
    assert beside(tmp_path / "model") == [".model.lock"]
