"""The hash of our own code: an edit of what makes a file is a reason to make the file again."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

from tinybench.storage import hashing

SOURCES = (".py", ".c", ".h")


@functools.cache
def code_of(*names: str) -> str:
    """SHA-256 over the names and bytes of all sources of packages and modules.

    A package counts with all folders below it, so a file that is added there, moved or renamed
    changes the hash. No module is imported, but the packages around it are.
    """
    parts = []
    for name in names:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"no module {name!r} has sources")
        path = Path(spec.origin)
        if spec.submodule_search_locations is None:
            parts.append([name, hashing.of_bytes(path.read_bytes())])
            continue
        for source in sorted(path.parent.rglob("*")):
            if source.suffix in SOURCES:
                shown = source.relative_to(path.parent).as_posix()
                parts.append([f"{name}/{shown}", hashing.of_bytes(source.read_bytes())])
    return hashing.of_json(parts)
