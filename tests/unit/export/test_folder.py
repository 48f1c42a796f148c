"""An exported folder is replaced as a whole, and nothing of the user's is lost."""

from __future__ import annotations

import ctypes
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tinybench import hashing
from tinybench.export import ExportError, folder, replace


def exported(**texts: str) -> dict[str, bytes]:
    """Files with a manifest of their digests; `__` in a name is a folder, `_` a dot."""
    files = {k.replace("__", "/").replace("_", "."): v.encode() for k, v in texts.items()}
    listed = {name: hashing.of_bytes(data) for name, data in files.items()}
    return {**files, folder.MANIFEST: json.dumps({"files": listed}).encode()}


ONE = exported(model_c="one", kernels__a_h="a", kernels__b_h="b")
TWO = exported(model_c="two", kernels__a_h="a", extra__c_h="c")


def tree(root: Path) -> dict[str, bytes | str]:
    """Everything below a folder: bytes of files, what links and folders are."""
    found: dict[str, bytes | str] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        else:
            found[name] = "folder" if path.is_dir() else path.read_bytes()
    return found


def files_of(root: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(root).items() if isinstance(data, bytes)}


def beside(root: Path) -> list[str]:
    return sorted(path.name for path in root.parent.iterdir() if path != root)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "firmware" / "model"


def test_writes_everything_and_nothing_else(target: Path) -> None:
    """Folders on the way are made; the lock is beside the folder, not in it."""
    replace(target, ONE)

    assert files_of(target) == ONE
    assert beside(target) == [".model.lock"]


def test_an_export_replaces_the_one_before(target: Path) -> None:
    """Files that only the earlier one had go, with folders that are empty then."""
    replace(target, ONE)
    replace(target, TWO)

    assert files_of(target) == TWO
    replace(target, exported(model_c="three"))
    assert set(tree(target)) == {"model.c", folder.MANIFEST}


def test_a_relative_folder_is_below_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    replace(Path("here"), ONE)

    assert files_of(tmp_path / "here") == ONE


@pytest.mark.parametrize("links", [True, False], ids=["links", "copies"])
def test_files_of_the_user_stay(target: Path, links: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in subfolders of the export's and of their own, symbolic links and empty folders."""
    replace(target, ONE)
    (target / "notes.txt").write_text("mine")
    (target / "kernels" / "my.h").write_text("mine too")
    (target / "deep" / "er").mkdir(parents=True)
    (target / "deep" / "x").write_text("x")
    (target / "link").symlink_to("notes.txt")
    (target / "dangling").symlink_to("nowhere")
    (target / "away").symlink_to("/")
    script = target / "run.sh"
    script.write_text("#!/bin/sh")
    script.chmod(0o754)
    own = {name: what for name, what in tree(target).items() if name not in ONE}
    if not links:
        monkeypatch.setattr(os, "link", refuse)

    replace(target, TWO)

    assert files_of(target).items() >= TWO.items()
    assert tree(target).items() >= own.items()
    assert set(tree(target)) == {*TWO, "extra", *own}
    assert stat.S_IMODE(script.stat().st_mode) == 0o754


def refuse(*arguments: object, **options: object) -> None:
    raise PermissionError("not here")


@pytest.mark.parametrize(
    ("name", "before", "message"),
    [
        ("model.c", {}, "model.c is not from an export: move it away, or choose another folder"),
        ("model.c", ONE, "model.c was edited since its export: move it away"),
        ("kernels/b.h", ONE, "b.h was edited since its export"),
        ("extra/c.h", ONE, "c.h is not from an export"),
        (folder.MANIFEST, {}, "manifest.json is not from an export"),
        ("extra", ONE, "extra is not a folder: move it away"),
    ],
)
@pytest.mark.parametrize("kind", ["file", "dangling", "link"])
def test_refuses_to_overwrite_what_is_not_its_own(
    target: Path, name: str, before: dict[str, bytes], message: str, kind: str
) -> None:
    """Nothing has changed then."""
    target.mkdir(parents=True)
    if before:
        replace(target, before)
    path = target / name
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "file":
        path.write_text("my own")
    else:
        path.symlink_to("nowhere" if kind == "dangling" else __file__)
    was = tree(target)

    with pytest.raises(ExportError, match=message):
        replace(target, TWO)

    assert tree(target) == was
    assert beside(target) == [".model.lock"]


@pytest.mark.parametrize("name", ["model.c", "extra/c.h"])
def test_refuses_a_folder_in_the_place_of_a_file(target: Path, name: str) -> None:
    (target / name / "deep").mkdir(parents=True)

    with pytest.raises(ExportError, match=r"\.[ch] is a folder: move it away"):
        replace(target, TWO)

    assert (target / name / "deep").is_dir()


def test_what_is_there_already_is_no_reason_to_refuse(target: Path) -> None:
    """A folder whose manifest was lost, as long as nobody edited it."""
    replace(target, ONE)
    (target / folder.MANIFEST).unlink()

    replace(target, ONE)

    assert files_of(target) == ONE


@pytest.mark.parametrize("manifest", ["", "[]", '{"files": 1}', "\udcff"])
def test_a_manifest_of_somebody_else_is_a_file_like_any(target: Path, manifest: str) -> None:
    target.mkdir(parents=True)
    (target / folder.MANIFEST).write_text(manifest, errors="surrogateescape")

    with pytest.raises(ExportError, match=r"manifest\.json is not from an export"):
        replace(target, ONE)


@pytest.mark.parametrize("what", ["file", "link to a folder", "dangling link"])
def test_the_target_must_be_a_folder(tmp_path: Path, what: str) -> None:
    target = tmp_path / "model"
    if what == "file":
        target.write_text("mine")
    else:
        (tmp_path / "there").mkdir()
        target.symlink_to("there" if "folder" in what else "nowhere")
    was = tree(tmp_path)

    with pytest.raises(ExportError, match="model is not a folder; choose another with --to"):
        replace(target, ONE)

    assert tree(tmp_path) == was


@pytest.mark.parametrize("to", [".", "..", "/"])
def test_the_working_folder_cannot_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    """A shell would stand in a folder that is gone."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ExportError, match="is in use as the working folder; name one in it"):
        replace(Path(to), ONE)

    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    ("mask", "file", "directory"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)]
)
def test_modes_follow_the_umask(target: Path, mask: int, file: int, directory: int) -> None:
    before = os.umask(mask)
    try:
        replace(target, ONE)
    finally:
        os.umask(before)

    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (target, *target.rglob("*"))}
    assert modes == {path: directory if path.is_dir() else file for path in modes}


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


KILLED = Path(__file__).with_name("killed.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
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
