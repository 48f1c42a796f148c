"""What stands in one table of a declared board, and how a kind of board reads it."""

from __future__ import annotations

import difflib
import importlib
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybench.errors import TinybenchError

if TYPE_CHECKING:
    from tinybench.boards.base import Board

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20}


class DeclarationError(TinybenchError, ValueError):
    """A table that declares no board; the message names file, board and setting."""

    page = "declared-board"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A board's name, its settings, and where they stand: a file and a table of it.

    Paths in settings begin at `folder`.
    """

    name: str
    settings: Mapping[str, object]
    where: str
    folder: Path = Path()

    def wrong(self, text: str) -> DeclarationError:
        """The error that says this of the board."""
        return DeclarationError(f"{self.where}: {text}")

    def check(self, known: Iterable[str]) -> None:
        """DeclarationError for a setting that is none of these."""
        known = sorted(known)
        for key in self.settings:
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                hint = f" (did you mean {close[0]!r}?)" if close else ""
                raise self.wrong(f"unknown setting {key!r}{hint}; valid: {', '.join(known)}")

    def text(self, key: str, default: str | None = None) -> str:
        """A setting that is a text; without a default it must be there."""
        value = self._value(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(f"{key} is not a text: {value!r}")
        return value

    def whole(self, key: str, default: int | None = None, least: int = 1) -> int:
        """A setting that is a whole number, at least `least`."""
        value = self._value(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self.wrong(f"{key} is {value!r}, not a whole number from {least} up")
        return value

    def number(self, key: str, default: float | None = None, least: float = 0.0) -> float:
        """A setting that is a finite number, at least `least`."""
        return self._number(key, self._value(key, default), least)

    def size(self, key: str, default: int | None = None) -> int:
        """A setting of so many bytes: a number, or a text such as "512K" or "2M"."""
        value = self._value(key, default)
        found = re.fullmatch(r"(\d+) ?([KM]?)(?:i?B)?", value) if isinstance(value, str) else None
        if found:
            value = int(found[1]) * UNITS[found[2]]
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(f'{key} is {value!r}, not a size such as 65536, "512K" or "2M"')
        return value

    def pair(self, key: str, least: float = 0.0) -> tuple[float, float]:
        """A setting of two numbers, the smaller one first."""
        value = self._value(key, None)
        if not isinstance(value, list) or len(value) != 2:
            raise self.wrong(f"{key} is {value!r}, not two numbers, such as [5, 7.8]")
        low, high = (self._number(key, one, least) for one in value)
        if low > high:
            raise self.wrong(f"{key} is {value!r}: the smaller number stands first")
        return low, high

    def _number(self, key: str, value: object, least: float) -> float:
        if (
            not isinstance(value, int | float)
            or isinstance(value, bool)
            or not (least <= value < float("inf"))
        ):
            raise self.wrong(f"{key} is {value!r}, not a number from {least:g} up")
        return float(value)

    def _value(self, key: str, default: object) -> object:
        if key not in self.settings and default is None:
            raise self.wrong(f"{key} is missing")
        return self.settings.get(key, default)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of board: the setting that only it has, all its settings, and what makes it.

    `make` may raise DeclarationError; what a board needs to run is for its `unavailable` to say.
    """

    key: str
    settings: frozenset[str]
    make: Callable[[Declaration], Board]


def parsed(path: Path) -> dict[str, Any]:
    """What a file of TOML says; DeclarationError for one that cannot be read."""
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        return dict(toml.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise DeclarationError(f"cannot read {path}: {' '.join(str(error).split())}") from None
