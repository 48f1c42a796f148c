"""What executed code costs on a target: cycles by its core's rules, time by its memory profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tinybench.boards.base import BoardError
from tinybench.cycles.pricing import CORES, Segment, price
from tinybench.cycles.profile import WORD_BYTES, MemoryProfile

if TYPE_CHECKING:
    from tinybench.boards.elf import Elf
    from tinybench.boards.targets import Target

Blocks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of a function executed, with the fields of `Counters`."""

    instructions: int
    reads: int
    writes: int
    stack_bytes: int
    cycles: int | None
    milliseconds: tuple[float, float] | None


def has_rules(target: Target) -> bool:
    """Whether its core's instructions have prices."""
    return target.core in CORES


def caches(target: Target) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Lines and their bytes for code and for data; None where nothing waits.

    Flash without a cache still keeps the word that was read last.
    """
    memory = target.memory
    if memory is None or not has_rules(target) or not waits(memory):
        return None
    code, data = (
        (cache.lines, cache.line_bytes) if cache else (1, WORD_BYTES)
        for cache in (memory.code, memory.data)
    )
    return code, data


def waits(memory: MemoryProfile) -> bool:
    """Whether the core ever waits for this memory."""
    return any(memory.wait_cycles)


def core_basis(target: Target) -> str | None:
    """The rules that a target's cycles are by, with memory that never waits."""
    return CORES[target.core].basis if has_rules(target) else None


def basis(target: Target) -> str | None:
    """Rules, profile and places that a target's cycles and milliseconds stand on, for people."""
    if not has_rules(target):
        return None
    said = [CORES[target.core].basis]
    if target.memory and target.clock_hz:
        said.append(f"{target.clock_hz / 1e6:g} MHz, {_profile(target.memory)}")
    else:
        said.append("memory without waits")
    said.append("code and weights in flash, arena and stack in RAM; no interrupts, no DMA")
    return "; ".join(said)


def _profile(memory: MemoryProfile) -> str:
    if not waits(memory):
        return f"flash without waits ({memory.source})"
    least, most = memory.wait_cycles
    lines = [
        f"{name} {cache.lines} × {cache.line_bytes} B" if cache else f"{name} not cached"
        for name, cache in (("code", memory.code), ("data", memory.data))
    ]
    return (
        f"flash cache {', '.join(lines)}, {least:g} to {most:g} cycles for each "
        f"{WORD_BYTES} B that are not in it ({memory.source})"
    )


class Prices:
    """Costs of calls of one program; a segment that was priced is not priced again."""

    def __init__(self, target: Target, program: Elf) -> None:
        self._target = target
        self._program = program
        self._known: dict[Blocks, int] = {}

    def calls(self, answer: Mapping[str, Any]) -> list[Call]:
        """An answer to the worker's request `count`."""
        segments = [
            tuple((address, size) for address, size in blocks) for blocks in answer["segments"]
        ]
        calls = []
        for counts, executed in zip(answer["counts"], answer["executed"], strict=True):
            instructions, reads, writes, stack, missed = counts
            cost = self._cost([(segments[at], times) for at, times in executed], missed)
            calls.append(Call(instructions, reads, writes, stack, *cost))
        return calls

    def _cost(
        self, executed: list[tuple[Blocks, int]], missed: int
    ) -> tuple[int | None, tuple[float, float] | None]:
        if not has_rules(self._target):
            return None, None
        cycles = sum(self._price(blocks) * times for blocks, times in executed)
        clock, memory = self._target.clock_hz, self._target.memory
        if not (clock and memory):
            return cycles, None
        least, most = (1000 * (cycles + wait * missed) / clock for wait in memory.wait_cycles)
        return cycles, (least, most)

    def _price(self, blocks: Blocks) -> int:
        if blocks not in self._known:
            once = [Segment(blocks, 1)]
            self._known[blocks] = price(self._target.core, once, self._code)
        return self._known[blocks]

    def _code(self, address: int, size: int) -> bytes:
        for segment in self._program.segments:
            for start in (segment.address, segment.runs_at):
                offset = address - start
                if offset >= 0 and offset + size <= len(segment.data):
                    return segment.data[offset : offset + size]
        raise BoardError(f"{self._target.name}: no code of the program is at 0x{address:08x}")
