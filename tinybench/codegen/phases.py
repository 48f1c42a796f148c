"""A transposed convolution as convolutions without stride, one for each phase of the output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from tinybench.codegen.graph import Array

MOST = 1 << 12
"""Phases beyond which no layer goes: each is a place in a table."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Positions of one axis of the output that have one remainder by the stride.

    `taps` are indexes of the weights in the order of the inputs that they meet; `before` of them
    stand before the image for the first position. `first` is this position, and `count` how many
    there are, a stride apart.
    """

    taps: tuple[int, ...]
    before: int
    first: int
    count: int


def axes(size: int, kernel: int, stride: int, padding: int) -> list[Axis]:
    """The phases of an axis of the output with `size` positions; one may have no taps."""
    found = []
    # Only remainders that any of the positions has.
    for phase in sorted((position + padding) % stride for position in range(min(size, stride))):
        # Position p meets tap k of input (p + padding - k) / stride, where this is whole.
        taps = tuple(range(phase, kernel, stride))[::-1]
        skipped = max(-((phase - padding) // stride), 0)
        first = phase - padding + skipped * stride
        count = (size - 1 - first) // stride + 1
        found.append(Axis(taps, len(taps) - 1 - skipped, first, count))
    return found


def table(
    rows: Sequence[Axis], columns: Sequence[Axis], outputs: int, width: int
) -> tuple[list[tuple[Axis, Axis]], Mapping[str, int | Array]]:
    """All phases in the kernels' order, and members of `struct tb_phases` that describe them."""
    parts: dict[tuple[int, ...], list[tuple[Axis, Axis]]] = {}
    for y, x in product(rows, columns):
        window = (len(y.taps), len(x.taps), y.before, x.before, y.count, x.count)
        parts.setdefault(window, []).append((y, x))
    ordered = [pair for pairs in parts.values() for pair in pairs]
    numbers = [[*window, len(pairs)] for window, pairs in parts.items()]
    places = [(y.first * width + x.first) * outputs for y, x in ordered]
    return ordered, {
        "parts": np.array(numbers, np.int32).reshape(-1),
        "places": np.array(places, np.int32),
        "count": len(parts),
    }
