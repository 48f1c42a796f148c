"""A project as pytest sees it: its root, and options of the file that pytest reads them from."""

from __future__ import annotations

import configparser
import importlib
import sys
from pathlib import Path
from typing import Any

from tinybench.errors import TinybenchError

OPTION = "tinybench_fail_on"
ALONE = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
"""Files that are pytest's whatever stands in them."""
NAMES = (*ALONE, "pyproject.toml", "tox.ini", "setup.cfg")
"""In pytest's order: the first file that has a section for it is the only one that it reads."""


class InifileError(TinybenchError, ValueError):
    """The project's file cannot be read; the message names it."""

    page = "project-settings"


def gates(folder: Path) -> str | None:
    """What the project of a folder sets, None if nothing; InifileError for a damaged file.

    As pytest does it: from the folder upwards, the first file with a section for pytest.
    """
    path, options = _found(folder)
    return _text(path, options[OPTION]) if path and OPTION in options else None


def root(folder: Path) -> Path:
    """pytest's rootdir for a run in that folder."""
    path, _ = _found(folder)
    if path:
        return path.parent
    for name in ("pyproject.toml", "setup.py"):
        for parent in (folder, *folder.parents):
            if (parent / name).is_file():
                return parent
    return folder


def import_folders(folder: Path) -> list[Path]:
    """Where pytest's option `pythonpath` lets a project's modules be found."""
    path, options = _found(folder)
    value = options.get("pythonpath", [])
    names = value.split() if isinstance(value, str) else value
    return [path.parent / str(name) for name in names] if path else []


def _found(folder: Path) -> tuple[Path | None, dict[str, Any]]:
    for parent in (folder, *folder.parents):
        for name in NAMES:
            path = parent / name
            if path.is_file() and (options := _options(path)) is not None:
                return path, options
    return None, {}


def _options(path: Path) -> dict[str, Any] | None:
    """What pytest reads in a file; None if that is not a file of pytest's."""
    read = _toml if path.suffix == ".toml" else _ini
    try:
        found = read(path)
    except (OSError, ValueError, TypeError, AttributeError, configparser.Error) as error:
        raise InifileError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    return {} if found is None and path.name in ALONE else found


def _toml(path: Path) -> dict[str, Any] | None:
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    value = toml.loads(path.read_text("utf-8"))
    if path.name != "pyproject.toml":
        found = value.get("pytest")
    elif found := value.get("tool", {}).get("pytest") or None:
        found = found.get("ini_options", found)
    return None if found is None else dict(found)


def _ini(path: Path) -> dict[str, Any] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(path.read_text("utf-8"))
    section = "tool:pytest" if path.name == "setup.cfg" else "pytest"
    return dict(parser[section]) if section in parser else None


def _text(path: Path, value: Any) -> str:
    if not isinstance(value, str):
        raise InifileError(f"{path}: {OPTION} is not a text, such as 'mse:2%,tflite_bytes:0'")
    return value
