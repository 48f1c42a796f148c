"""The rooms of the package are those of docs/architecture.md, and import each other as it says.

Imports are read from the sources: those inside functions and those for types count, too.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "tinybench"
TABLE = re.compile(r"^\| (\d+) \| `(\w+)/?` \| (.+?) \| (.*?) \|$", re.MULTILINE)
MOST_ROOMS = 28
MOST_FLOORS = 10


class Room(NamedTuple):
    """A row of the table."""

    floor: int
    about: str
    imports: frozenset[str]


def table() -> dict[str, Room]:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    return {
        name: Room(int(floor), about, frozenset(re.findall(r"\w+", imports)))
        for floor, name, about, imports in TABLE.findall(text)
    }


@functools.cache
def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path) -> Iterator[str]:
    """The modules of the package that a module imports, from anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules())
        elif isinstance(node, ast.ImportFrom) and node.module in modules():
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else node.module


def room_of(module: str) -> str:
    """Empty for what belongs to the package itself."""
    name = module.partition(".")[2].split(".")[0]
    return "" if name == "__main__" else name


@functools.cache
def arrows() -> dict[str, frozenset[str]]:
    """The other rooms that each room imports. The package's own modules only hand names on."""
    found: dict[str, set[str]] = {}
    for module, path in modules().items():
        if room := room_of(module):
            found.setdefault(room, set()).update(map(room_of, imported(path)))
    return {room: frozenset(others - {room, ""}) for room, others in found.items()}


def circle(edges: dict[str, frozenset[str]]) -> list[str]:
    """Names that lead back to the first of them; empty if there are none."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for other in sorted(edges.get(name, ())):
            if found := visit(other, [*path, name]):
                return found
        done.add(name)
        return []

    return next(filter(None, (visit(name, []) for name in sorted(edges))), [])


def test_every_room_is_in_the_table() -> None:
    assert sorted(table()) == sorted(arrows())
    assert len(arrows()) <= MOST_ROOMS


@pytest.mark.parametrize("room", sorted(table()))
def test_a_room_imports_what_the_table_says(room: str) -> None:
    """No more, and no less: the table is what is there."""
    assert arrows()[room] == table()[room].imports


def test_rooms_are_in_no_circle() -> None:
    assert circle(arrows()) == []


def test_floors() -> None:
    """A room stands one floor above the highest that it imports."""

    @functools.cache
    def floor(room: str) -> int:
        return 1 + max((floor(other) for other in arrows()[room]), default=0)

    assert {name: room.floor for name, room in table().items()} == {r: floor(r) for r in arrows()}
    assert max(map(floor, arrows())) <= MOST_FLOORS


def test_modules_are_in_no_circle() -> None:
    """Of those that do more than hand names on."""
    edges = {
        module: frozenset(imported(path)) - {module}
        for module, path in modules().items()
        if path.name != "__init__.py"
    }

    assert circle(edges) == []


def test_the_circle_is_found() -> None:
    edges = {"a": frozenset("b"), "b": frozenset("c"), "c": frozenset("b")}

    assert circle(edges) == ["b", "c", "b"]
