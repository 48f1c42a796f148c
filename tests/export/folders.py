"""Two exports, and what is in a folder."""

from __future__ import annotations

import json
from pathlib import Path

from tinybench.export.folder import MANIFEST
from tinybench.storage import hashing


def exported(**texts: str) -> dict[str, bytes]:
    """Files with a manifest of their digests; `__` in a name is a folder, `_` a dot."""
    files = {k.replace("__", "/").replace("_", "."): v.encode() for k, v in texts.items()}
    listed = {name: hashing.of_bytes(data) for name, data in files.items()}
    return {**files, MANIFEST: json.dumps({"files": listed}).encode()}


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
