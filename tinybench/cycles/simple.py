"""Cores whose instructions take their time whatever their neighbours are: M0 and M0+."""

from __future__ import annotations

from collections.abc import Sequence

from tinybench.cycles.core import Core, Kind
from tinybench.cycles.decoding import Instruction


def price(core: Core, segment: Sequence[Instruction]) -> int:
    """The cycles of a segment; only a branch that is not its last instruction is not taken."""
    last = len(segment) - 1
    jump = core.timings["bx"].cycles
    cycles = 0
    for index, at in enumerate(segment):
        kind, own = core.timings[at.name]
        if kind in (Kind.LOAD_MANY, Kind.STORE_MANY):
            cycles += own + at.words + (jump - 1 if at.jumps else 0)
        elif kind is Kind.BRANCH:
            cycles += own if index == last or not at.conditional else 1
        elif kind is Kind.PLAIN and at.jumps:
            cycles += jump
        else:
            cycles += own
    return cycles
