"""What is wrong with a file: the first is an error where it is to run, all are told elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from tinybench.tflite.flat import ModelError, count_of, item_of

T = TypeVar("T")

MOST_KEPT = 1000
"""A damaged file can be wrong at each of its bytes."""


class Findings:
    """Errors of one file, raised as they are found if `strict`, else kept."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self.kept: list[ModelError] = []

    def add(self, error: ModelError) -> None:
        """Raise or keep an error; who calls goes on with the next best value."""
        if self._strict:
            raise error
        if len(self.kept) < MOST_KEPT:
            self.kept.append(error)

    def attempt(self, work: Callable[..., T], *arguments: Any, otherwise: T) -> T:
        """Return the result of a call, `otherwise` where it raises a `ModelError`."""
        try:
            return work(*arguments)
        except ModelError as error:
            self.add(error)
            return otherwise

    def each(
        self,
        table: tuple[Any, str, str],
        work: Callable[[Any, int], T],
        otherwise: Callable[[int], T | None],
    ) -> list[T]:
        """Return what is made of each table of a vector: (parent, field, noun of `children`).

        `otherwise` makes what stands in for one that cannot be read, None to leave it out.
        """
        parent, field, noun = table
        found = []
        for index in range(self.attempt(count_of, parent, field, noun, otherwise=0)):
            try:
                one: T | None = work(item_of(parent, field, noun, index), index)
            except ModelError as error:
                self.add(error)
                one = otherwise(index)
            if one is not None:
                found.append(one)
        return found
