"""The structures of hooks.c, and what is read from them; imported by the emulator's process."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator
from typing import Any

KNOWN_BLOCKS, BLOCK_BYTES = 1 << 15, 12
MOST_SEGMENTS = 1 << 14
SLOTS = 2 * MOST_SEGMENTS
STEPS = 1 << 18

Blocks = tuple[tuple[int, int], ...]
"""Address and bytes of each block of a segment."""


class Step(ctypes.Structure):
    """`step_t`."""

    _fields_ = (("address", ctypes.c_uint32), ("bytes", ctypes.c_uint32))


class Segment(ctypes.Structure):
    """`segment_t`."""

    _fields_ = (
        ("hash", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("first", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
    )


class Trace(ctypes.Structure):
    """`trace_t`."""

    kept: int
    steps_kept: int

    _fields_ = (
        ("segments", Segment * MOST_SEGMENTS),
        ("slots", ctypes.c_uint32 * SLOTS),
        ("steps", Step * STEPS),
        ("kept", ctypes.c_uint32),
        ("steps_kept", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
        ("hash", ctypes.c_uint64),
    )

    def taken(self) -> Iterator[tuple[Blocks, int]]:
        """Each segment with how often it was executed; the trace is empty afterwards."""
        for segment in self.segments[: self.kept]:
            steps = self.steps[segment.first : segment.first + segment.length]
            yield tuple((step.address, step.bytes) for step in steps), segment.count
        ctypes.memset(self.slots, 0, ctypes.sizeof(self.slots))
        self.kept = self.steps_kept = 0


class Line(ctypes.Structure):
    """`line_t`."""

    _fields_ = (("tag", ctypes.c_uint32), ("words", ctypes.c_uint32))


class Cache(ctypes.Structure):
    """`cache_t`."""

    _fields_ = (
        ("lines", ctypes.POINTER(Line)),
        ("count", ctypes.c_uint32),
        ("line_bytes", ctypes.c_uint32),
        ("missed", ctypes.c_uint64),
    )

    @classmethod
    def of(cls, lines: int, line_bytes: int) -> Cache:
        """An empty cache of this size."""
        return cls((Line * lines)(), lines, line_bytes)

    def clear(self) -> None:
        """Forget what is in the lines, and count from zero."""
        ctypes.memset(self.lines, 0, ctypes.sizeof(Line) * self.count)
        self.missed = 0


FULL = ctypes.CFUNCTYPE(None)


class Counts(ctypes.Structure):
    """`counts_t`."""

    _fields_ = (
        ("instructions", ctypes.c_uint64),
        ("reads", ctypes.c_uint64),
        ("writes", ctypes.c_uint64),
        ("stack_low", ctypes.c_uint32),
        ("stack_high", ctypes.c_uint32),
        ("stack_lowest", ctypes.c_uint32),
        ("flash_low", ctypes.c_uint32),
        ("flash_high", ctypes.c_uint32),
        ("blocks", ctypes.c_void_p),
        ("trace", ctypes.POINTER(Trace)),
        ("full", FULL),
        ("code", Cache),
        ("data", Cache),
        ("read_memory", ctypes.c_void_p),
        ("read_register", ctypes.c_void_p),
        ("write_register", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
        ("riscv", ctypes.c_uint32),
        ("if_then", ctypes.c_uint32),
        ("aligned_only", ctypes.c_uint32),
        ("unaligned_at", ctypes.c_uint32),
        ("unaligned_by", ctypes.c_uint32),
        ("block_end", ctypes.c_uint32),
        ("instruction", ctypes.c_uint32),
    )


class Segments:
    """What a program executed, in segments, between `begin` and `end`."""

    def __init__(self, counts: Counts, end_segment: Any) -> None:
        self._counts = counts
        self._end = end_segment
        self._found: Counter[Blocks] = Counter()
        self._trace = Trace()
        # Kept alive here; the structure holds bare addresses.
        self._full = FULL(self._take)
        counts.trace = ctypes.pointer(self._trace)
        counts.full = self._full

    def _take(self) -> None:
        for blocks, count in self._trace.taken():
            self._found[blocks] += count

    def begin(self) -> None:
        """Forget what was executed; the next instruction is the target of a branch."""
        self.end()

    def end(self) -> dict[Blocks, int]:
        """Each segment with how often it was executed since `begin`."""
        self._end(ctypes.byref(self._counts))
        self._take()
        found, self._found = dict(self._found), Counter()
        self._counts.block_end = 0
        return found
