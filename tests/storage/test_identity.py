"""Who answered: what makes two of one name another, and of whom that is not known."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import storage
from tinybench.boards import BOARDS
from tinybench.boards.emulated import EmulatedBoard
from tinybench.boards.targets import TARGETS, Region
from tinybench.runtimes import RUNTIMES
from tinybench.storage.identity import Identity, identity_of

NUMBERS = count()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Modules in it can be imported, and are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


def written(path: Path, text: str, *, late: bool = False) -> None:
    """A source that was there before this process began, or that came later."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    at = storage.LOADED + (1 if late else -1)
    os.utime(path, (at, at))


def imported(folder: Path, text: str, **options: Any) -> Any:
    """A module of this text, always under another name, because a process reads a file once."""
    name = f"mine_{next(NUMBERS)}"
    written(folder / f"{name}.py", text, **options)
    importlib.invalidate_caches()
    return importlib.import_module(name)


MINE = "class Mine:\n    name = 'mine'\n    def answer(self):\n        return {}\n"


def test_a_repaired_class_is_another(folder: Path) -> None:
    """Though it has the name, the version and all else of the one with the fault."""
    faulty, same, repaired = (
        identity_of(imported(folder, MINE.format(value)).Mine()) for value in (1, 1, 2)
    )

    assert faulty is not None
    assert faulty == same
    assert faulty != repaired


def test_a_repaired_base_is_another(folder: Path) -> None:
    """Of a class that is ours, too."""

    def identity(value: int) -> Identity | None:
        base = imported(folder, f"class Base:\n    def answer(self):\n        return {value}\n")
        sys.modules["the_base"] = base
        text = "from the_base import Base\nclass Mine(Base):\n    name = 'mine'\n"
        return identity_of(imported(folder, text).Mine())

    assert identity(1) == identity(1) != identity(2)


def test_a_repaired_neighbour_in_the_package_is_another(folder: Path) -> None:
    """What answers is often not in the file that has the class."""

    def identity(name: str, value: int) -> Identity | None:
        written(folder / name / "__init__.py", MINE.format(0))
        written(folder / name / "kernels.py", f"VALUE = {value}\n")
        importlib.invalidate_caches()
        return identity_of(importlib.import_module(name).Mine())

    assert identity("one", 1) == identity("two", 1) != identity("three", 2)


@dataclass
class Settings:
    """What decides an answer beside the code."""

    name: str = "mine"
    version: str = ""
    scale: float = 1.0
    held: Any = None


@pytest.mark.parametrize(
    "change",
    [
        {"name": "other"},
        {"version": "2"},
        {"scale": 1.0000001},
        {"held": np.zeros(5000, np.float32)},
        {"held": [1, 2]},
        {"held": {"a": 1}},
        {"held": {1, 2}},
        {"held": Path("a")},
        {"held": partial(identity_of, 1)},
        {"held": identity_of},
        {"held": Identity},
    ],
    ids=lambda change: " ".join(f"{name} {type(value).__name__}" for name, value in change.items()),
)
def test_another_configuration_is_another(change: dict[str, Any]) -> None:
    plain, changed = identity_of(Settings()), identity_of(replace(Settings(), **change))

    assert changed == identity_of(replace(Settings(), **change))
    assert None not in (plain, changed)
    assert plain != changed


def test_large_arrays_are_compared_whole() -> None:
    """Their `repr` leaves out the middle."""
    one, other = np.zeros(5000), np.zeros(5000)
    other[2500] = 1

    assert identity_of(Settings(held=one)) != identity_of(Settings(held=other))


def test_what_a_function_holds_counts() -> None:
    def adding(number: int) -> Any:
        return lambda value: value + number

    one, same, other = (identity_of(Settings(held=adding(number))) for number in (1, 1, 2))

    assert one == same != other


def test_attributes_of_an_ordinary_class_count() -> None:
    class Mine:
        name = "mine"

        def __init__(self, scale: float) -> None:
            self.scale = scale

    assert identity_of(Mine(1)) == identity_of(Mine(1)) != identity_of(Mine(2))


def test_who_edits_while_a_process_runs_gets_nothing_kept(folder: Path) -> None:
    """Its answers are those of the code that was read, and the file is another already."""
    assert identity_of(imported(folder, MINE.format(1), late=True).Mine()) is None


def test_without_sources_it_is_not_known() -> None:
    """As of a class that was typed in."""
    names: dict[str, Any] = {}
    exec(MINE.format(1), names)

    assert identity_of(names["Mine"]()) is None


@dataclass
class Loop:
    """Holds itself."""

    name: str = "loop"
    held: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.held.append(self)


@pytest.mark.parametrize("item", [Loop(), Settings(held=iter(())), Settings(held=sys)])
def test_what_cannot_be_looked_into_is_not_known(item: Any) -> None:
    assert identity_of(item) is None


@pytest.mark.parametrize("said", [None, Identity("mine", "1", "no code")])
def test_one_may_say_itself_who_it_is(said: Identity | None) -> None:
    """None, for what answers now like this and now like that."""

    class Mine:
        name = "mine"
        identity = said

    assert identity_of(Mine()) == said


def test_ours_are_known() -> None:
    """By name and version; two of one class are told apart by what they hold."""
    found = [identity_of(item) for item in (*RUNTIMES, *BOARDS)]
    assert len(set(found)) == len(found)
    assert all(one is not None and one.version for one in found)


def test_a_board_with_other_memory_is_another() -> None:
    """Under the same name, and with the same code."""
    target = TARGETS[0]
    small = replace(target, ram=Region(target.ram.start, target.ram.size // 2))

    assert identity_of(EmulatedBoard(target)) != identity_of(EmulatedBoard(small))
