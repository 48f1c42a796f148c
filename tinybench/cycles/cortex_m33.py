"""Cortex-M33 with DSP and FPU: what others measured; Arm publishes no table."""

from __future__ import annotations

from tinybench.cycles import mnemonics as of
from tinybench.cycles import scoreboard
from tinybench.cycles.core import Core, Kind, table

CORE = Core(
    name="cortex-m33",
    timings=table(
        (of.MOVES_AND_SUMS_V7M | of.MOVES_AND_SUMS_DSP, Kind.PLAIN, 1),
        (of.LONG_MULTIPLIES_V7M | of.MULTIPLIES_DSP | {"mul"}, Kind.MULTIPLY, 1),
        (of.MULTIPLY_ADDS_V7M | of.LONG_MULTIPLY_ADDS_V7M, Kind.MULTIPLY_ADD, 1),
        (of.MULTIPLY_ADDS_DSP, Kind.MULTIPLY_ADD, 1),
        (of.DIVISIONS, Kind.PLAIN, 7),
        (of.NOPS, Kind.NOP, 1),
        (of.IF_THEN, Kind.IF_THEN, 1),
        (of.LOADS_V8M | of.FLOAT_LOADS, Kind.LOAD, 1),
        (of.STORES_V8M | of.FLOAT_STORES, Kind.STORE, 1),
        (of.LOADS_OF_MANY_V7M | of.FLOAT_LOADS_OF_MANY, Kind.LOAD_MANY, 0),
        (of.STORES_OF_MANY_V7M | of.FLOAT_STORES_OF_MANY, Kind.STORE_MANY, 0),
        (of.BRANCHES_V7M, Kind.BRANCH, 2),
        (of.LINKS, Kind.JUMP, 2),
        (of.EXCHANGES_V8M, Kind.JUMP, 3),
        (of.TABLE_BRANCHES, Kind.JUMP, 6),
        (of.SYSTEM | of.INTERRUPT_MASKS, Kind.PLAIN, 2),
        (of.BARRIERS, Kind.PLAIN, 4),
        (of.FLOAT_SUMS_V5 | of.FLOAT_STATUS, Kind.FLOAT, 1),
        (of.FLOAT_MULTIPLY_ADDS, Kind.FLOAT_MULTIPLY_ADD, 3),
        (of.FLOAT_DIVISIONS, Kind.FLOAT, 14),
    ),
    price=scoreboard.price,
    held_fixed="sdiv and udiv 7, table branches 6, barriers 4",
    validated="published figures within 3.7 %",
)
