"""Cycles of executed code by the rules of its core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Segment(NamedTuple):
    """Code from the target of a branch to the next taken one, and how often it was executed.

    `blocks` are address and bytes of its parts, one after the other in memory.
    """

    blocks: tuple[tuple[int, int], ...]
    count: int  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Core:
    """One core's rules; `basis` says their version and the values held fixed, for people."""

    name: str
    basis: str


CORES: Mapping[str, Core] = {}


def price(core: str, segments: Iterable[Segment], memory: Callable[[int, int], bytes]) -> int:
    """Cycles of all segments; `memory` gives the code at an address, in so many bytes."""
    raise KeyError(core)
