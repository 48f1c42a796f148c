"""One named collection for each thing a user may add: tasks, variants, runtimes, metrics.

Built-in items register when their module is imported; a user's items come from `conftest.py`
(call `add`), from an installed package's entry points, or from the project's settings.
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar

from tinybench.errors import TinybenchError


class Named(Protocol):
    """Anything with a name that is unique in its registry."""

    @property
    def name(self) -> str: ...


class EntryPointError(TinybenchError, ImportError):
    """An installed package does not give what its entry point promises."""

    page = "broken-package"


T = TypeVar("T", bound=Named)


class UnknownNameError(TinybenchError, LookupError):
    """A name that no registered item has; the message lists the valid ones."""

    page = "unknown-name"

    def __init__(self, kind: str, name: str, valid: Iterable[str]) -> None:
        valid = list(valid)
        close = difflib.get_close_matches(name, valid, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        super().__init__(f"unknown {kind} {name!r}{hint}; valid: {', '.join(valid) or 'none'}")

    def __str__(self) -> str:
        return str(self.args[0])


class Registry(Generic[T]):
    """Items of one kind by name, in the order they were added."""

    def __init__(
        self,
        kind: str,
        *,
        builtin: Callable[[], Iterable[T]] = tuple,
        declared: Callable[[], Iterable[T]] = tuple,
    ) -> None:
        """`kind` is the singular word for messages; `builtin` makes our own items, on first use.

        `declared` makes those of the project's settings, when a name is none of ours, or all are
        asked for.
        """
        self.kind = kind
        self._builtin = builtin
        self._declared = declared
        self._items: dict[str, T] = {}
        self._own: set[str] = set()
        self._ours: frozenset[str] = frozenset()
        self._has_builtin = self._loaded = False

    def add(self, item: T) -> T:
        """Register an item and return it; a name that is taken raises ValueError."""
        self._load()
        self._insert(item)
        self._own.add(item.name)
        return item

    def replace(self, item: T) -> None:
        """Put an item in the place of the one of its name; otherwise UnknownNameError."""
        self.get(item.name)
        self._own.add(item.name)
        self._items[item.name] = item

    def is_installed(self, name: str) -> bool:
        """Whether another process finds the same item by this name: added here, it does not."""
        return name in self and name not in self._own

    def is_builtin(self, name: str) -> bool:
        """Whether an item of that name came with tinybench."""
        self._load_builtin()
        return name in self._ours

    def remove(self, name: str) -> T:
        """Take an item out and return it; otherwise UnknownNameError."""
        self._load()
        if name not in self._items:
            raise UnknownNameError(self.kind, name, self._items)
        return self._items.pop(name)

    def get(self, name: str) -> T:
        """The item of that name; otherwise UnknownNameError."""
        self._load_builtin()
        # A package that adds to several registries may take one of ours while it is imported:
        # its own entry points must not be loaded for that.
        if name not in self._items:
            self._load()
        try:
            return self._items[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._items) from None

    def select(self, patterns: Iterable[str]) -> list[T]:
        """Items whose name matches a shell-style pattern; for no pattern all that are `default`.

        An item without that attribute is. Comma-separated patterns are split. A pattern without a
        match raises UnknownNameError.
        """
        self._load()
        wanted = [part.strip() for text in patterns for part in text.split(",") if part.strip()]
        for pattern in wanted:
            if not fnmatch.filter(self._items, pattern):
                raise UnknownNameError(self.kind, pattern, self._items)
        return [
            item
            for name, item in self._items.items()
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in wanted)
            or (not wanted and getattr(item, "default", True))
        ]

    def __iter__(self) -> Iterator[T]:
        self._load()
        return iter(list(self._items.values()))

    def __contains__(self, name: str) -> bool:
        self._load_builtin()
        if name not in self._items:
            self._load()
        return name in self._items

    def _insert(self, item: T) -> T:
        if item.name in self._items:
            raise ValueError(f"{self.kind} {item.name!r} is registered twice")
        self._items[item.name] = item
        return item

    def _load_builtin(self) -> None:
        if self._has_builtin:
            return
        self._has_builtin = True
        self._ours = frozenset(self._insert(item).name for item in self._builtin())

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        self._load_builtin()
        for item in self._declared():
            self._insert(item)
        for entry in entry_points(group=f"tinybench.{self.kind}s"):
            try:
                self._insert(entry.load())
            except Exception as error:
                package = entry.dist.name if entry.dist else "?"
                raise EntryPointError(
                    f"the installed package {package} cannot add its {self.kind} "
                    f"{entry.name!r}, {entry.value}: {type(error).__name__}: "
                    f"{next(iter(str(error).splitlines()), '')}; repair or remove the package"
                ) from error
