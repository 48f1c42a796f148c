"""Cortex-M0: Arm's technical reference manual, table of instruction cycles."""

from __future__ import annotations

from tinybench.cycles import mnemonics as of
from tinybench.cycles import simple
from tinybench.cycles.core import Core, Kind, Timing, table


def timings(*, taken: int, link: int, jump: int, system: int) -> dict[str, Timing]:
    """The table of ARMv6-M; what its two cores differ in is given."""
    return table(
        (of.MOVES_AND_SUMS_V6M, Kind.PLAIN, 1),
        # The chip's maker chooses between a multiplier of one cycle and one of 32.
        (("mul",), Kind.MULTIPLY, 1),
        (of.NOPS | of.INTERRUPT_MASKS, Kind.NOP, 1),
        (of.LOADS_V6M, Kind.LOAD, 2),
        (of.STORES_V6M, Kind.STORE, 2),
        (of.LOADS_OF_MANY_V6M, Kind.LOAD_MANY, 1),
        (of.STORES_OF_MANY_V6M, Kind.STORE_MANY, 1),
        (of.BRANCHES_V6M, Kind.BRANCH, taken),
        (of.LINKS, Kind.JUMP, link),
        (of.EXCHANGES, Kind.JUMP, jump),
        (of.SYSTEM | of.BARRIERS, Kind.PLAIN, system),
    )


CORE = Core(
    name="cortex-m0",
    timings=timings(taken=3, link=4, jump=3, system=4),
    price=simple.price,
    held_fixed="mul 1, the fast multiplier",
    validated="Arm's table; published figures within 1.2 %",
)
