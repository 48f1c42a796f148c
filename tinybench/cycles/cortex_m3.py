"""Cortex-M3: Arm's technical reference manual, and what others measured."""

from __future__ import annotations

from tinybench.cycles import mnemonics as of
from tinybench.cycles import pipelined
from tinybench.cycles.core import Core, Kind, table
from tinybench.cycles.decoding import Instruction


def unchained(first: Instruction, second: Instruction) -> bool:
    """A second load that changes its base."""
    return second.writes_back


CORE = Core(
    name="cortex-m3",
    timings=table(
        (of.MOVES_AND_SUMS_V7M, Kind.PLAIN, 1),
        (("mul",), Kind.MULTIPLY, 1),
        (of.MULTIPLY_ADDS_V7M, Kind.MULTIPLY_ADD, 2),
        # Smaller operands end earlier: 3 to 5, and 4 to 7.
        (of.LONG_MULTIPLIES_V7M, Kind.MULTIPLY, 4),
        (of.LONG_MULTIPLY_ADDS_V7M, Kind.MULTIPLY_ADD, 5),
        (of.DIVISIONS, Kind.PLAIN, 7),
        (of.NOPS, Kind.NOP, 1),
        (of.IF_THEN, Kind.IF_THEN, 1),
        (of.LOADS_V7M, Kind.LOAD, 2),
        (of.STORES_V7M, Kind.STORE, 1),
        (of.LOADS_OF_MANY_V7M, Kind.LOAD_MANY, 1),
        (of.STORES_OF_MANY_V7M, Kind.STORE_MANY, 1),
        (of.BRANCHES_V7M, Kind.BRANCH, 2),
        (of.LINKS, Kind.JUMP, 2),
        (of.EXCHANGES, Kind.JUMP, 3),
        (of.TABLE_BRANCHES, Kind.JUMP, 6),
        (of.SYSTEM | of.INTERRUPT_MASKS, Kind.PLAIN, 2),
        (of.BARRIERS, Kind.PLAIN, 4),
    ),
    price=pipelined.price,
    unchained=unchained,
    held_fixed="sdiv and udiv 7, smull and umull 4, smlal and umlal 5, barriers 4",
    validated="published figures within 4.3 %",
)
