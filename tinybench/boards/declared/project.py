"""The tables of boards in the nearest pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybench.boards.declared.declaration import Declaration, DeclarationError, Kind, parsed

if TYPE_CHECKING:
    from tinybench.boards.base import Board

FILE = "pyproject.toml"
TABLE = "tool.tinybench.boards"
NAME = re.compile(r"\w[\w.-]*", re.ASCII)


def kinds() -> tuple[Kind, ...]:
    """All kinds; the first of which a table has the setting is the board's.

    A board that is reached by a wire may say what its processor is, so it stands before those.
    """
    from tinybench.boards.declared import processor, serial_port, ssh

    return (serial_port.SERIAL, ssh.SSH, processor.PROCESSOR, processor.PART)


def declared(folder: Path, taken: Callable[[str], bool]) -> Iterator[Board]:
    """The boards of the project that a folder is in; DeclarationError names what is wrong.

    `taken` says whether a name is another board's.
    """
    path = next((one / FILE for one in (folder, *folder.parents) if (one / FILE).is_file()), None)
    if path is None:
        return
    for name, settings in _tables(path).items():
        where = f"{path}: [{TABLE}.{name}]"
        if not NAME.fullmatch(name):
            raise DeclarationError(
                f"{where}: a board's name has letters, digits, '.', '_' and '-' only"
            )
        if taken(name):
            raise DeclarationError(f"{where}: tinybench has a board of this name; choose another")
        if not isinstance(settings, dict):
            raise DeclarationError(f"{where} is {settings!r}, not a table of settings")
        yield board(Declaration(name, settings, where, path.parent))


def board(declaration: Declaration) -> Board:
    """The board of a table, of the first kind whose setting it has."""
    by_key = {kind.key: kind for kind in kinds()}
    found = [key for key in by_key if key in declaration.settings]
    if not found:
        declaration.check({name for kind in by_key.values() for name in kind.settings})
        raise declaration.wrong(f"says no kind of board: one of {', '.join(by_key)} is missing")
    kind = by_key[found[0]]
    declaration.check(kind.settings)
    return kind.make(declaration)


def _tables(path: Path) -> dict[str, Any]:
    value = parsed(path)
    for key in TABLE.split("."):
        value = value.get(key, {})
        if not isinstance(value, dict):
            raise DeclarationError(f"{path}: {key} of {TABLE} is {value!r}, not a table")
    return value
