"""Memory that keeps its bytes from one inference to the next: where each state stands in it.

It is an array of its own beside the arena. `<prefix>_reset` gives it the bytes that TFLM's
interpreter has before its first inference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from tinybench.codegen.plan import ALIGNMENT
from tinybench.tflite.model import Tensor


@dataclass
class Variable:
    """A resource variable: the containers it is named in, and the value assigned to it first."""

    containers: set[str] = field(default_factory=set)
    value: Tensor | None = None


@dataclass
class State:
    """The states that were placed so far: their sizes and first bytes, by offset.

    One byte stands for all of a state. `variables` are the offsets of resource variables by name,
    the same in all subgraphs; `known` are all of the file.
    """

    sizes: dict[int, int] = field(default_factory=dict)
    first: dict[int, bytes] = field(default_factory=dict)
    variables: dict[str, int] = field(default_factory=dict)
    known: dict[str, Variable] = field(default_factory=dict)
    slack: int = 0

    @property
    def nbytes(self) -> int:
        """All states, and `slack` bytes for kernels that read beyond one; 0 without any."""
        return self._end + self.slack if self.sizes else 0

    @property
    def _end(self) -> int:
        return max((at + size for at, size in self.sizes.items()), default=0)

    def add(self, first: bytes, size: int | None = None) -> int:
        """Place a state of these first bytes, or of `size` times the one; its offset."""
        offset = -(-self._end // ALIGNMENT) * ALIGNMENT
        self.sizes[offset] = len(first) if size is None else size
        self.first[offset] = first
        return offset

    def runs(self) -> Sequence[tuple[int, int, bytes]]:
        """What sets all first bytes: (offset, bytes, their values), of one value where it repeats.

        Bytes between two states belong to the one before.
        """
        offsets = [*sorted(self.first), self.nbytes]
        found: list[tuple[int, int, bytes]] = []
        for at, end in pairwise(offsets):
            data = self.first[at]
            values = data[:1] if len(set(data)) == 1 else data
            size = end - at if len(values) == 1 else self.sizes[at]
            found.append((at, size, values))
        joined = []
        for values, same in groupby(found, key=lambda run: run[2]):
            parts = list(same)
            if len(values) == 1:
                start, (at, size, _) = parts[0][0], parts[-1]
                joined.append((start, at + size - start, values))
            else:
                joined += parts
        return joined
