"""Where each buffer stands in the arena: greedy by size, with memory shared over time.

Buffers that the graph lets share memory (a reshape and its input, an operator that works in place
and the input that dies there) are one block. Blocks are placed from the largest to the smallest,
each at the lowest offset that no block alive at the same time takes. Pisarchyk and Lee, "Efficient
Memory Management for Deep Neural Net Inference", 2020, describe the method.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ALIGNMENT = 4


@dataclass(frozen=True, slots=True)
class Buffer:
    """`size` bytes that are needed from step `first` to step `last`, both included."""

    size: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Offsets by tensor, the scratch memory of each step, and the bytes of the whole arena.

    `lower_bound` is the most that is alive at once: no plan can be smaller.
    """

    offsets: Mapping[int, int]
    scratch: Mapping[int, int]
    arena_bytes: int
    lower_bound: int


@dataclass
class Lifetimes:
    """Buffers by key, and which of them are one block of memory."""

    buffers: dict[int, Buffer] = field(default_factory=dict)
    parent: dict[int, int] = field(default_factory=dict)

    def add(self, key: int, size: int, first: int, last: int) -> None:
        self.buffers[key] = Buffer(-(-size // ALIGNMENT) * ALIGNMENT, first, last)
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


def place(blocks: Mapping[int, Buffer]) -> dict[int, int]:
    """Offsets by key; blocks that are alive at the same step do not overlap."""
    offsets: dict[int, int] = {}
    largest_first = sorted(blocks, key=lambda key: (-blocks[key].size, blocks[key].first, key))
    for key in largest_first:
        block = blocks[key]
        taken = sorted(
            (offsets[other], offsets[other] + blocks[other].size)
            for other in offsets
            if blocks[other].first <= block.last and block.first <= blocks[other].last
        )
        offset = 0
        for start, end in taken:
            if start - offset >= block.size:
                break
            offset = max(offset, end)
        offsets[key] = offset
    return offsets


def lower_bound(blocks: Sequence[Buffer]) -> int:
    """The largest sum of the sizes that are alive at one step."""
    steps = {block.first for block in blocks}
    return max(
        (sum(b.size for b in blocks if b.first <= step <= b.last) for step in steps), default=0
    )


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
        blocks[-1 - step] = Buffer(-(-size // ALIGNMENT) * ALIGNMENT, step, step)
    offsets = place(blocks)
    end = max((offsets[key] + blocks[key].size for key in blocks), default=0)
    return Plan(
        offsets={key: offsets[lifetimes.block(key)] for key in lifetimes.buffers},
        scratch={step: offsets[-1 - step] for step in scratch},
        arena_bytes=end + slack,
        lower_bound=lower_bound(list(blocks.values())) + slack,
    )
