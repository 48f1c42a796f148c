"""Where each buffer stands in the arena: greedy by size, with memory shared over time.

Buffers that the graph lets share memory (a reshape and its input, an operator that works in place
and the input that dies there) are one block. Blocks are placed one after the other, each at the
lowest offset that no block alive at the same time takes, but for the part of an input that its
output may stand on. The order is from the largest to the smallest, as in Pisarchyk and Lee,
"Efficient Memory Management for Deep Neural Net Inference", 2020, or the best of some others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

ALIGNMENT = 4

CENTRES = 24
"""How many orders are tried beside the first: one of 300 blocks takes about 50 ms."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """`size` bytes that are needed from step `first` to step `last`, both included."""

    size: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Offsets by tensor, the scratch memory of each step, and the bytes of the whole arena.

    `lower_bound` is the most that is alive at once, without what may overlap: no plan can be
    smaller.
    """

    offsets: Mapping[int, int]
    scratch: Mapping[int, int]
    arena_bytes: int
    lower_bound: int


@dataclass
class Lifetimes:
    """Buffers by key, which of them are one block of memory, and which may overlap.

    `overlaps` are bytes by (earlier, later): the later block may begin so many bytes before the
    earlier one, or more, and reach into it. `alignment` is that of every block.
    """

    buffers: dict[int, Buffer] = field(default_factory=dict)
    parent: dict[int, int] = field(default_factory=dict)
    overlaps: dict[tuple[int, int], int] = field(default_factory=dict)
    alignment: int = ALIGNMENT

    def add(self, key: int, size: int, first: int, last: int) -> None:
        self.buffers[key] = Buffer(_aligned(size, self.alignment), first, last)
        self.parent[key] = key

    def block(self, key: int) -> int:
        """The key that stands for the whole block."""
        while self.parent[key] != key:
            key = self.parent[key]
        return key

    def share(self, key: int, other: int) -> None:
        """Put two buffers at the same offset, alive from the first use of either to the last."""
        root, joined = self.block(key), self.block(other)
        if root == joined:
            return
        a, b = self.buffers[root], self.buffers[joined]
        self.parent[joined] = root
        self.buffers[root] = Buffer(max(a.size, b.size), min(a.first, b.first), max(a.last, b.last))

    def overlap(self, key: int, other: int, before: int) -> None:
        """Let the block of `other` begin `before` bytes before that of `key`, and reach into it.

        Nothing happens unless the first step of the one is the last step of the other; after it
        no more blocks may be joined.
        """
        earlier, later = self.block(key), self.block(other)
        if earlier != later and self.buffers[earlier].last == self.buffers[later].first:
            self.overlaps[earlier, later] = _aligned(before, self.alignment)


def _aligned(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment


def place(
    blocks: Mapping[int, Buffer],
    overlaps: Mapping[tuple[int, int], int] | None = None,
    order: Sequence[int] | None = None,
) -> dict[int, int]:
    """Offsets by key; blocks that are alive at the same step do not overlap, but for `overlaps`.

    Without an `order`, the largest are placed first.
    """
    overlaps = overlaps or {}
    order = order or sorted(blocks, key=lambda key: (-blocks[key].size, blocks[key].first, key))
    partners: dict[int, set[int]] = {}
    for earlier, later in overlaps:
        partners.setdefault(earlier, set()).add(later)
        partners.setdefault(later, set()).add(earlier)
    sizes, firsts, lasts = (
        np.array([getattr(blocks[key], name) for key in order], np.int64)
        for name in ("size", "first", "last")
    )
    starts = np.zeros(len(order), np.int64)
    position: dict[int, int] = {}
    for number, key in enumerate(order):
        block = blocks[key]
        alive = (firsts[:number] <= block.last) & (block.first <= lasts[:number])
        alive &= sizes[:number] > 0
        # Between these offsets, both not included, the block would meet another.
        below, above = starts[:number] - block.size, starts[:number] + sizes[:number]
        for other in partners.get(key, ()):
            if (place_of := position.get(other)) is not None:
                start = starts[place_of]
                below[place_of] = start - overlaps.get((other, key), block.size)
                above[place_of] = start + overlaps.get((key, other), blocks[other].size)
        offset = 0
        for start, end in sorted(zip(below[alive].tolist(), above[alive].tolist(), strict=True)):
            if start < offset < end:
                offset = end
        starts[number] = offset
        position[key] = number
    return dict(zip(order, starts.tolist(), strict=True))


def lower_bound(
    blocks: Mapping[int, Buffer], overlaps: Mapping[tuple[int, int], int] | None = None
) -> int:
    """The largest sum of the sizes that are alive at one step, two that overlap as one."""
    saved: dict[int, int] = {}
    for (earlier, later), before in (overlaps or {}).items():
        a, b = blocks[earlier], blocks[later]
        both = max(b.size, before + a.size)
        saved[b.first] = saved.get(b.first, 0) + max(a.size + b.size - both, 0)
    steps = {block.first for block in blocks.values()}
    return max(
        (
            sum(b.size for b in blocks.values() if b.first <= step <= b.last) - saved.get(step, 0)
            for step in steps
        ),
        default=0,
    )


def _orders(blocks: Mapping[int, Buffer]) -> Iterator[list[int]]:
    """The largest first; then, about each of the largest, what is before it backwards in time.

    A chain in which each block overlaps the one before fits best when it grows from its widest
    place, in both directions. Scratch memory, which has negative keys, goes where there is room.
    """
    largest = sorted(blocks, key=lambda key: (-blocks[key].size, blocks[key].first, key))
    yield largest
    lasting = [key for key in largest if key >= 0]
    passing = [key for key in largest if key < 0]
    timeline = sorted(lasting, key=lambda key: (blocks[key].first, blocks[key].last, key))
    for key in lasting[:CENTRES]:
        middle = timeline.index(key) + 1
        yield [*reversed(timeline[:middle]), *timeline[middle:], *passing]


def _best(
    blocks: Mapping[int, Buffer], overlaps: Mapping[tuple[int, int], int], least: int
) -> dict[int, int]:
    """The offsets with the lowest end that the orders lead to; none are tried beyond `least`."""
    best: dict[int, int] = {}
    lowest: int | None = None
    for order in _orders(blocks):
        offsets = place(blocks, overlaps, order)
        end = max((offsets[key] + blocks[key].size for key in blocks), default=0)
        if lowest is None or end < lowest:
            best, lowest = offsets, end
        if lowest <= least:
            break
    return best


def plan(lifetimes: Lifetimes, scratch: Mapping[int, int], *, slack: int = 0) -> Plan:
    """Place all blocks and the scratch memory of each step.

    `scratch` maps steps to bytes. `slack` bytes are added at the end of the arena, for kernels
    that read beyond a buffer.
    """
    blocks = {
        key: buffer for key, buffer in lifetimes.buffers.items() if lifetimes.block(key) == key
    }
    # Tensors count from 0, so negative keys are free for scratch memory.
    for step, size in scratch.items():
        blocks[-1 - step] = Buffer(_aligned(size, lifetimes.alignment), step, step)
    least = lower_bound(blocks, lifetimes.overlaps)
    offsets = _best(blocks, lifetimes.overlaps, least)
    end = max((offsets[key] + blocks[key].size for key in blocks), default=0)
    return Plan(
        offsets={key: offsets[lifetimes.block(key)] for key in lifetimes.buffers},
        scratch={step: offsets[-1 - step] for step in scratch},
        arena_bytes=end + slack,
        lower_bound=least + slack,
    )
