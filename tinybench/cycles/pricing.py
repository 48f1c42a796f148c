"""Cycles of executed code by the rules of its core."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tinybench.cycles import cortex_m0, cortex_m0plus, cortex_m3, cortex_m4, cortex_m33
from tinybench.cycles.core import Core
from tinybench.cycles.decoding import UnknownInstructionError, decoded


class Segment(NamedTuple):
    """Code from the target of a branch to the next taken one, and how often it was executed.

    `blocks` are address and bytes of its parts, one after the other in memory.
    """

    blocks: tuple[tuple[int, int], ...]
    count: int  # type: ignore[assignment]


CORES: Mapping[str, Core] = {
    module.CORE.name: module.CORE
    for module in (cortex_m0, cortex_m0plus, cortex_m3, cortex_m4, cortex_m33)
}
"""The cores whose cycles are known; an M7's are not: rules like these miss them by 18 %."""


def price(core: str, segments: Iterable[Segment], memory: Callable[[int, int], bytes]) -> int:
    """Cycles of all segments; `memory` gives the code at an address, in so many bytes.

    Raises UnknownInstructionError for machine code that the core's table does not have.
    """
    rules = CORES[core]
    cycles = 0
    for segment in segments:
        start = segment.blocks[0][0]
        size = sum(size for _, size in segment.blocks)
        code = list(decoded(memory(start, size), start))
        for instruction in code:
            if instruction.name not in rules.timings:
                raise UnknownInstructionError(
                    f"{core} has no rule for `{instruction.name}` at 0x{instruction.at:x}: its "
                    "cycles would be a guess"
                )
        cycles += segment.count * rules.price(rules, code)
    return cycles
