"""Cortex-M0+: Arm's technical reference manual; there is nothing to check it by."""

from __future__ import annotations

from tinybench.cycles import simple
from tinybench.cycles.core import Core
from tinybench.cycles.cortex_m0 import timings

CORE = Core(
    name="cortex-m0plus",
    timings=timings(taken=2, link=3, jump=2, system=3),
    price=simple.price,
    held_fixed="mul 1, the fast multiplier",
    validated="Arm's table; not validated",
)
