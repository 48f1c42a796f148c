"""Replacing an exported folder: a reader sees the old export or the new one, and no file of the
user's is lost."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from tinybench import hashing
from tinybench.errors import TinybenchError

MANIFEST = "manifest.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class ExportError(TinybenchError, RuntimeError):
    """An export that would lose something, or cannot be made; the message names the path."""


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold these files (paths relative to it) and what else the user put there.

    Files of an earlier export, which its manifest lists, go. Raise ExportError, and change
    nothing, if a file that this would overwrite is not from an export, or was edited since.
    """
    folder = Path.cwd() / folder
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ExportError(f"{folder} is not a folder; choose another with --to")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / f".{folder.name}.lock"):
        kept = _kept(folder, files)
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            new.chmod(0o777 & ~_umask())
            for name, data in files.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            for path in kept:
                _carry(path, new / path.relative_to(folder))
            _swap(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _kept(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Files in the folder that are not an export's; refuse what would be overwritten."""
    if not folder.exists():
        return []
    owned = _owned(folder)
    kept = []
    for path in sorted(folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                kept.append(path)
            continue
        name = path.relative_to(folder).as_posix()
        if name == MANIFEST and owned:
            continue
        same = not path.is_symlink() and path.is_file()
        digest = hashing.of_bytes(path.read_bytes()) if same else ""
        if owned.get(name) == digest or (name in files and files[name] == path.read_bytes()):
            continue
        if name in files or name in owned:
            what = "was edited since its export" if name in owned else "is not from an export"
            raise ExportError(f"{path} {what}: move it away, or choose another folder with --to")
        kept.append(path)
    return kept


def _owned(folder: Path) -> dict[str, str]:
    """Digests of the files that an earlier export wrote, by name; empty without a manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in manifest["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


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
    with contextlib.suppress(OSError, AttributeError):
        exchange = ctypes.CDLL(None, use_errno=True).renameat2
        paths = os.fsencode(new), os.fsencode(folder)
        if exchange(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
            return
    # Without an exchange in one step there is a moment between two renames, and the way back.
    aside = new.with_name(f"{new.name}.old")
    folder.replace(aside)
    try:
        new.replace(folder)
    except BaseException:
        aside.replace(folder)
        raise
    aside.replace(new)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
