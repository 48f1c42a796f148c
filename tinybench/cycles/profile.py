"""How a board's flash lets its core wait: data of a board, in the makers' terms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cache:
    """Lines before a flash: least recently used, filled by words of `WORD_BYTES`."""

    lines: int
    line_bytes: int


WORD_BYTES = 8


@dataclass(frozen=True, slots=True)
class MemoryProfile:
    """Flash behind caches, one for instruction fetches and one for data; RAM never waits.

    `wait_cycles` are the least and the most cycles that the core waits for each word that is not
    in the cache; zero is flash without waits, where the caches do not matter. `source` says where
    the figures are from.
    """

    code: Cache | None
    data: Cache | None
    wait_cycles: tuple[float, float]
    source: str
