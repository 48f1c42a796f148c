"""An exported folder is replaced as a whole, and nothing of the user's is lost."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tinybench.export import ExportError, replace
from tinybench.export.folder import MANIFEST

from .folders import ONE, TWO, beside, exported, files_of, tree


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
    assert set(tree(target)) == {"model.c", MANIFEST}


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
        (MANIFEST, {}, "manifest.json is not from an export"),
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
    (target / MANIFEST).unlink()

    replace(target, ONE)

    assert files_of(target) == ONE


@pytest.mark.parametrize("manifest", ["", "[]", '{"files": 1}', "\udcff"])
def test_a_manifest_of_somebody_else_is_a_file_like_any(target: Path, manifest: str) -> None:
    target.mkdir(parents=True)
    (target / MANIFEST).write_text(manifest, errors="surrogateescape")

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
