"""A core that issues an instruction a cycle unless it waits for a register: M33."""

from __future__ import annotations

from collections.abc import Sequence

from tinybench.cycles.core import Core, Kind, passed_over
from tinybench.cycles.decoding import Instruction

LATE = 2
"""Cycles after its issue when a load's, a multiplication's or a shifted operand's result is there;
those of a load of many follow word by word."""
LATE_MULTIPLY_ADD = 4
"""The same for floating-point sums of products."""
JUMP = 3
"""Cycles of a load or a sum that writes the program counter, beside those of a load's words."""
EXTENSIONS = ("sxta", "uxta")


def price(core: Core, segment: Sequence[Instruction]) -> int:
    """The cycles of a segment; only a branch that is not its last instruction is not taken."""
    ready: dict[str, int] = {}
    now = 0
    free = False
    for index, at in enumerate(segment):
        kind = core.timings[at.name].kind
        after = segment[index + 1] if index + 1 < len(segment) else None
        over = passed_over(core, at, after)
        # An instruction of 16 bits is issued together with one that needs no unit of its own.
        paired = free and (kind in (Kind.NOP, Kind.IF_THEN) or kind is Kind.BRANCH)
        issued = max([now, *(_needed(ready, at, name) for name in at.reads)])
        now = issued + (1 if over else _busy(core, at)) - paired
        free = at.size == 2 and not paired
        if over:
            continue
        moved = at.writes[: at.words]
        for name in at.writes:
            ready[name] = now
        for position, name in enumerate(moved):
            ready[name] = max(now, issued + _latency(core, at, position))
    return now


def _needed(ready: dict[str, int], at: Instruction, name: str) -> int:
    """When a register must be there: what is stored or added to, a cycle later than the rest."""
    when = ready.get(name, 0)
    return when - 1 if name in at.stored | at.added and name not in at.address else when


def _busy(core: Core, at: Instruction) -> int:
    kind, own = core.timings[at.name]
    if kind in (Kind.LOAD_MANY, Kind.STORE_MANY):
        return own + at.words + (JUMP if at.jumps else 0)
    if kind in (Kind.LOAD, Kind.STORE):
        return own + at.words - 1 + (JUMP if at.jumps else 0)
    if kind is Kind.PLAIN and at.jumps:
        return JUMP
    return own


def _latency(core: Core, at: Instruction, position: int) -> int:
    kind, own = core.timings[at.name]
    if kind in (Kind.LOAD, Kind.LOAD_MANY):
        return position + LATE
    if kind in (Kind.MULTIPLY, Kind.MULTIPLY_ADD):
        return LATE
    if kind is Kind.FLOAT_MULTIPLY_ADD:
        return LATE_MULTIPLY_ADD
    if kind is Kind.FLOAT and at.name in ("vadd", "vsub", "vmul", "vnmul"):
        return LATE
    return LATE if at.shifted or at.name.startswith(EXTENSIONS) else own
