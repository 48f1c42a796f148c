"""Cores with three stages, M3 and M4: loads that hide one another, and fetches of whole words."""

from __future__ import annotations

from collections.abc import Sequence

from tinybench.cycles.core import MEMORY, Core, Kind, passed_over
from tinybench.cycles.decoding import Instruction

REFILL = 3
"""Cycles that filling the pipeline again takes where a load or a sum writes the program counter."""
IN_A_ROW = 3
"""Straddling instructions that empty the fetch buffer after one that let it fill."""


def price(core: Core, segment: Sequence[Instruction]) -> int:
    """The cycles of a segment; only a branch that is not its last instruction is not taken."""
    # The first is a branch's target: if it lies in two words, a second fetch must end before it.
    cycles = 1 if segment[0].straddles else 0
    straddling: int | None = None
    before: Instruction | None = None
    for index, at in enumerate(segment):
        after = segment[index + 1] if index + 1 < len(segment) else None
        own = _alone(core, at, before, after)
        if before is not None and _waits(core, before, at):
            own += 1
        if straddling is not None:
            straddling = straddling + 1 if at.straddles else None
            if straddling == IN_A_ROW:
                own += 1
                straddling = None
        if own > 1:
            straddling = 0
        cycles += own
        before = at
    return cycles


def _alone(
    core: Core, at: Instruction, before: Instruction | None, after: Instruction | None
) -> int:
    kind, own = core.timings[at.name]
    if passed_over(core, at, after):
        return 1
    if kind is Kind.LOAD:
        if at.jumps:
            return own + REFILL
        hidden = after is not None and _hides(core, at, after)
        return own + at.words - 1 - hidden
    if kind is Kind.STORE:
        following = core.timings[after.name].kind if after else None
        loads = following in (Kind.LOAD, Kind.LOAD_MANY)
        return own + at.words - 1 + at.indexed + loads
    if kind in (Kind.LOAD_MANY, Kind.STORE_MANY):
        return own + at.words + (REFILL if at.jumps else 0)
    if kind is Kind.IF_THEN:
        return 0 if before is not None and before.size == 2 else own
    if kind is Kind.PLAIN and at.jumps:
        return REFILL
    return own + at.moves_pair


def _hides(core: Core, load: Instruction, after: Instruction) -> bool:
    """Whether the second cycle of a load is also the first of what follows."""
    kind = core.timings[after.name].kind
    if kind is Kind.NOP:
        return True
    if not after.address.isdisjoint(load.writes[: load.words]):
        return False
    if kind is Kind.STORE:
        return not after.indexed
    return kind is Kind.LOAD and not core.unchained(load, after)


def _waits(core: Core, before: Instruction, at: Instruction) -> bool:
    """Whether an instruction needs what the one before it has only just computed."""
    kind = core.timings[before.name].kind
    if kind is Kind.FLOAT and core.timings[at.name].kind in (Kind.FLOAT, Kind.FLOAT_MULTIPLY_ADD):
        return not at.reads.isdisjoint(before.writes)
    return kind not in MEMORY and not at.address.isdisjoint(before.writes)
