"""How far an output may reach into the input that it is computed from.

A kernel that goes through its input from front to back is done with the front of it while it still
writes: the output may begin in memory that the input no longer needs, if it begins some bytes
before. Arm's "diagonal memory optimisation" (Weber and others, 2020) is this.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tinybench.codegen.graph import Graph

NOTHING = np.iinfo(np.int64).max
"""Where a window begins that lies wholly in the padding."""

MOST = 1 << 20
"""Pixels of an output beyond which no device goes: not worth the memory to look at."""


def windows(
    graph: Graph, source: int, target: int, geometry: Mapping[str, int], at_once: int = 1
) -> tuple[tuple[int, int, int], ...]:
    """`Step.overlap` of a kernel that slides a window: outputs in order, `at_once` side by side.

    It may write any of these outputs before it has read all that they are computed from, so they
    end where the windows of these and of all later ones begin.
    """
    if geometry["batches"] * geometry["out_h"] * geometry["out_w"] > MOST:
        return ()
    starts = _window_starts(geometry)
    batches, pixels = starts.shape
    # Pixels are taken together within one image only.
    rest = -pixels % at_once
    padded = np.pad(starts, ((0, 0), (0, rest)), constant_values=NOTHING)
    first = padded.reshape(-1, at_once).min(axis=1)
    needed = np.minimum.accumulate(first[::-1])[::-1]
    ends = np.arange(at_once, pixels + rest + 1, at_once).clip(max=pixels)
    written = (np.arange(batches)[:, None] * pixels + ends).reshape(-1)
    read_pixel, written_pixel = _pixel_bytes(graph, source), _pixel_bytes(graph, target)
    reading = needed < NOTHING
    before = written[reading] * written_pixel - needed[reading] * read_pixel
    return _useful(graph, source, target, int(before.max(initial=0)))


def elements(graph: Graph, source: int, target: int) -> tuple[tuple[int, int, int], ...]:
    """`Step.overlap` of a kernel that reads an element, then writes one, in order."""
    count = graph.tensor(source).elements
    sizes = [(graph.tensor(index).nbytes or 0) // (count or 1) for index in (source, target)]
    return _useful(graph, source, target, max(count - 1, 0) * max(sizes[1] - sizes[0], 0))


def _window_starts(geometry: Mapping[str, int]) -> NDArray[np.int64]:
    """The first input pixel that each output pixel is computed from, (batches, pixels)."""
    firsts = []
    for axis in "hw":
        size, dilation = geometry[f"in_{axis}"], geometry[f"dilation_{axis}"]
        origin = np.arange(geometry[f"out_{axis}"]) * geometry[f"stride_{axis}"]
        origin -= geometry[f"pad_{axis}"]
        skipped = -(origin.clip(max=0) // dilation)
        first = origin + skipped * dilation
        inside = (skipped < geometry[f"kernel_{axis}"]) & (first < size)
        firsts.append(np.where(inside, first, -1))
    rows, columns = np.meshgrid(*firsts, indexing="ij")
    within = np.where((rows < 0) | (columns < 0), NOTHING, rows * geometry["in_w"] + columns)
    image = geometry["in_h"] * geometry["in_w"]
    images = np.arange(geometry["batches"])[:, None] * image
    return np.where(within.reshape(1, -1) < NOTHING, within.reshape(1, -1) + images, NOTHING)


def _pixel_bytes(graph: Graph, index: int) -> int:
    tensor = graph.tensor(index)
    return (tensor.nbytes or 0) // (tensor.elements or 1) * tensor.shape[-1]


def _useful(
    graph: Graph, source: int, target: int, before: int
) -> tuple[tuple[int, int, int], ...]:
    """Nothing where the output would end before the input anyway."""
    return ((source, target, before),) if before < (graph.tensor(target).nbytes or 0) else ()
