"""Cortex-M4 with DSP and FPU: Arm's technical reference manual, and what others measured."""

from __future__ import annotations

from tinybench.cycles import mnemonics as of
from tinybench.cycles import pipelined
from tinybench.cycles.core import Core, Kind, table
from tinybench.cycles.decoding import Instruction


def unchained(first: Instruction, second: Instruction) -> bool:
    """Two loads that both change one base."""
    return first.writes_back and second.writes_back and first.base == second.base


CORE = Core(
    name="cortex-m4",
    timings=table(
        (of.MOVES_AND_SUMS_V7M | of.MOVES_AND_SUMS_DSP, Kind.PLAIN, 1),
        (of.LONG_MULTIPLIES_V7M | of.MULTIPLIES_DSP | {"mul"}, Kind.MULTIPLY, 1),
        (of.MULTIPLY_ADDS_V7M | of.LONG_MULTIPLY_ADDS_V7M, Kind.MULTIPLY_ADD, 1),
        (of.MULTIPLY_ADDS_DSP, Kind.MULTIPLY_ADD, 1),
        (of.DIVISIONS, Kind.PLAIN, 7),
        (of.NOPS, Kind.NOP, 1),
        (of.IF_THEN, Kind.IF_THEN, 1),
        (of.LOADS_V7M | of.FLOAT_LOADS, Kind.LOAD, 2),
        (of.STORES_V7M | of.FLOAT_STORES, Kind.STORE, 1),
        (of.LOADS_OF_MANY_V7M | of.FLOAT_LOADS_OF_MANY, Kind.LOAD_MANY, 1),
        (of.STORES_OF_MANY_V7M | of.FLOAT_STORES_OF_MANY, Kind.STORE_MANY, 1),
        (of.BRANCHES_V7M, Kind.BRANCH, 2),
        (of.LINKS, Kind.JUMP, 2),
        (of.EXCHANGES, Kind.JUMP, 3),
        (of.TABLE_BRANCHES, Kind.JUMP, 6),
        (of.SYSTEM | of.INTERRUPT_MASKS, Kind.PLAIN, 2),
        (of.BARRIERS, Kind.PLAIN, 4),
        (of.FLOAT_SUMS | of.FLOAT_STATUS, Kind.FLOAT, 1),
        (of.FLOAT_MULTIPLY_ADDS, Kind.FLOAT_MULTIPLY_ADD, 3),
        (of.FLOAT_DIVISIONS, Kind.FLOAT, 14),
    ),
    price=pipelined.price,
    unchained=unchained,
    held_fixed="sdiv and udiv 7, barriers 4",
    validated="published figures within 2.8 %",
)
