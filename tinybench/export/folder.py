"""Replacing an exported folder.

A reader sees the old export or the new one, and no file of the user's is lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock

from tinybench.codegen.names import DEFAULT
from tinybench.errors import TinybenchError
from tinybench.storage import hashing
from tinybench.storage.store import umask

MANIFEST = "manifest.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
# Between the folder's name and random letters: nobody else's folder is called so.
_MARK = ".tinybench-"
_ASIDE = ".old"
_WAY_OUT = "move it away, or choose another folder with --to"


class ExportError(TinybenchError, RuntimeError):
    """An export that would lose something, or cannot be made; the message names the path."""

    page = "not-exported"


class TargetError(ExportError):
    """A folder or a file that an export would damage."""

    page = "edited-export"


class NoVectorsError(ExportError):
    """A model that there are no answers of to test with."""

    page = "no-test-vectors"


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold these files (paths relative to it) and what else the user put there.

    Files of an earlier export, which its manifest lists, go. Raise ExportError, and change
    nothing, if a file that this would overwrite is not from an export, or was edited since.
    """
    folder = Path.cwd() / folder
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise TargetError(f"{folder} is not a folder; choose another with --to")
    if Path.cwd().is_relative_to(folder.resolve()):
        raise TargetError(f"{folder} is in use as the working folder; name one in it with --to")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f".{folder.name}.lock"):
        _clean(folder)
        _check_prefix(folder, files)
        kept = _kept(folder, files)
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}{_MARK}"))
        try:
            new.chmod(0o777 & ~umask())
            for name, data in files.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            for path in kept:
                _carry(path, new / path.relative_to(folder))
            _swap(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _check_prefix(folder: Path, files: Mapping[str, bytes]) -> None:
    """Refuse to put one model in the place of another that has other names."""
    held = read_manifest(folder)
    prefix, new = (each.get("prefix", DEFAULT) for each in (held, json.loads(files[MANIFEST])))
    if held and prefix != new:
        raise TargetError(
            f"{folder} holds a model with the prefix {prefix}, which this one with {new} would"
            " replace: remove the folder, or choose another with --to"
        )


def _clean(folder: Path) -> None:
    """Remove what killed exports left; put back a folder that one of them had moved aside.

    Under the lock nobody works in these: every export to the folder holds it.
    """
    ours = re.compile(rf"{re.escape(f'.{folder.name}{_MARK}')}[a-z0-9_]{{8}}({re.escape(_ASIDE)})?")
    left = [path for path in folder.parent.iterdir() if ours.fullmatch(path.name)]
    for path in left:
        if path.name.endswith(_ASIDE) and not folder.exists():
            path.replace(folder)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _kept(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Files in the folder that are not an export's; refuse what would be overwritten."""
    if not folder.exists():
        return []
    owned = _owned(folder)
    folders = _folders(files)
    kept = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        plain = not path.is_symlink()
        if plain and path.is_dir():
            if name in files:
                raise TargetError(f"{path} is a folder: {_WAY_OUT}")
            if not any(path.iterdir()):
                kept.append(path)
        elif name == MANIFEST and owned:
            continue
        elif name in files or name in owned:
            data = path.read_bytes() if plain and path.is_file() else None
            same = data is not None and owned.get(name) == hashing.of_bytes(data)
            if not same and (data is None or data != files.get(name)):
                what = "was edited since its export" if name in owned else "is not from an export"
                raise TargetError(f"{path} {what}: {_WAY_OUT}")
        elif name in folders:
            raise TargetError(f"{path} is not a folder: {_WAY_OUT}")
        else:
            kept.append(path)
    return kept


def _folders(files: Iterable[str]) -> set[str]:
    """The folders that hold these files, all the way up."""
    return {parent.as_posix() for name in files for parent in PurePosixPath(name).parents}


def _owned(folder: Path) -> dict[str, str]:
    """Digests of the files that an earlier export wrote, by name; empty without a manifest."""
    listed = read_manifest(folder).get("files")
    return {str(name): str(digest) for name, digest in listed.items()} if listed else {}


def read_manifest(folder: Path) -> dict[str, Any]:
    """What an earlier export said of itself; empty if there is none that lists its files."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    known = isinstance(manifest, dict) and isinstance(manifest.get("files"), dict)
    return manifest if known else {}


def _carry(source: Path, target: Path) -> None:
    """The user's file at its place in the new folder: the same file where links are possible."""
    if source.is_dir() and not source.is_symlink():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _swap(new: Path, folder: Path) -> None:
    """Put `new` in the place of `folder`, whose old content is then at `new`."""
    if not folder.exists():
        new.replace(folder)
        return
    with contextlib.suppress(OSError, AttributeError, TypeError):
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
        paths = os.fsencode(new), os.fsencode(folder)
        if exchange(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
            return
    # Without an exchange in one step there is a moment between two renames, and the way back: here
    # after an error, at the next export (`_clean`) after a kill.
    aside = new.with_name(f"{new.name}{_ASIDE}")
    try:
        folder.replace(aside)
        new.replace(folder)
    except BaseException:
        if aside.exists() and not folder.exists():
            aside.replace(folder)
        raise
    aside.replace(new)
