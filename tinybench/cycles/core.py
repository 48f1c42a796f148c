"""What a table of a core has: the kind of each instruction, and how many cycles it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tinybench.cycles.decoding import Instruction

RULES_VERSION = 1
"""Changes with any rule or table: cycles of two versions are not to be compared."""


class Kind(Enum):
    """What the rules tell apart."""

    PLAIN = auto()
    MULTIPLY = auto()
    MULTIPLY_ADD = auto()
    NOP = auto()
    IF_THEN = auto()
    LOAD = auto()
    STORE = auto()
    LOAD_MANY = auto()
    STORE_MANY = auto()
    BRANCH = auto()
    """One that may not be taken, or always is; also a compare and branch."""
    JUMP = auto()
    """One that is always taken, through a register, with a link, or through a table."""
    FLOAT = auto()
    FLOAT_MULTIPLY_ADD = auto()


MEMORY = frozenset({Kind.LOAD, Kind.STORE, Kind.LOAD_MANY, Kind.STORE_MANY})


class Timing(NamedTuple):
    """Of one mnemonic: `cycles` without what its neighbours add.

    Of a kind that moves many words it is what comes on top of one a word, of a branch it is that
    of a taken one.
    """

    kind: Kind
    cycles: int


@dataclass(frozen=True, slots=True)
class Core:
    """The rules of a core.

    `price` gives the cycles of a segment: instructions one after the other, from a branch's target
    to the next branch that is taken, which is the last of them. `held_fixed` says which times that
    depend on data or on the chip are one number here; `validated` by what the rules were checked.
    `unchained` is whether the second of two loads in a row leaves the first one's second cycle.
    """

    name: str
    timings: Mapping[str, Timing]
    price: Callable[[Core, Sequence[Instruction]], int]
    held_fixed: str
    validated: str
    unchained: Callable[[Instruction, Instruction], bool] = lambda first, second: False

    @property
    def basis(self) -> str:
        """What a number of cycles stands on, in one line."""
        rules = f"rules {RULES_VERSION} of {self.name} ({self.validated})"
        return f"{rules}, held fixed: {self.held_fixed}"


def passed_over(core: Core, at: Instruction, after: Instruction | None) -> bool:
    """Whether the condition of a branch, or of anything else that jumps, was not met.

    Its segment goes on behind it. Of other conditional instructions nobody knows.
    """
    jumps = at.jumps or core.timings[at.name].kind in (Kind.BRANCH, Kind.JUMP)
    return jumps and at.conditional and after is not None


def table(*rows: tuple[Iterable[str], Kind, int]) -> dict[str, Timing]:
    """Rows of mnemonics that are alike, by mnemonic."""
    timings: dict[str, Timing] = {}
    for names, kind, cycles in rows:
        for name in names:
            assert name not in timings, name
            timings[name] = Timing(kind, cycles)
    return timings
