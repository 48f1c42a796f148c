"""Movement between space, batch and depth, mirrored borders, and images of another size."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Call, Graph, Step, option, refuse
from tinybench.codegen.operators.movement import copy, moved
from tinybench.codegen.operators.shaping import (
    integers,
    operand,
    real_option,
    require_shape,
    result,
    same_type,
)
from tinybench.codegen.strided import Dimension, strides

if TYPE_CHECKING:
    from tinybench.codegen.graph import Field
    from tinybench.tflite.model import Operator, Tensor


def depth(graph: Graph, operator: Operator) -> Step:
    """SPACE_TO_DEPTH and DEPTH_TO_SPACE: squares of pixels to channels and back."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    block = int(real_option(operator, "block_size"))
    to_depth = operator.name == "SPACE_TO_DEPTH"
    fine, coarse = (source, target) if to_depth else (target, source)
    if len(source.shape) != 4 or not 0 < block < 2**15:
        raise refuse(operator, f"blocks of {block} in {len(source.shape)} dimensions")
    batch, height, width, channels = coarse.shape if len(coarse.shape) == 4 else (0,) * 4
    shape = [batch, height * block, width * block, channels // block**2]
    if fine.shape != tuple(shape) or channels % block**2:
        raise refuse(operator, f"blocks of {block} do not lead from {source.shape} to the output")
    sizes = (batch, height, width, block, block, shape[3])
    steps = strides(fine.shape)
    in_fine = (steps[0], block * steps[1], block * steps[2], *steps[1:])
    # The dimensions follow the output, which is written in order.
    order = (0, 1, 2, 3, 4, 5) if to_depth else (0, 1, 3, 2, 4, 5)
    in_coarse = strides(sizes)
    read, written = (in_fine, in_coarse) if to_depth else (in_coarse, in_fine)
    dimensions = [(sizes[i], read[i], written[i]) for i in order]
    return moved(graph, operator, source, target, dimensions, item)


def batch(graph: Graph, operator: Operator) -> Step:
    """SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: every so many pixels become an image.

    Borders may be cropped off the whole image, but not be added to it.
    """
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    blocks, borders = integers(graph, operator, 1), integers(graph, operator, 2)
    split = operator.name == "SPACE_TO_BATCH_ND"
    whole, parts = (source, target) if split else (target, source)
    spatial = len(source.shape) - 2
    if len(target.shape) != len(source.shape) or spatial not in (1, 2):
        raise refuse(operator, f"{len(source.shape)} dimensions are not supported")
    if len(blocks) != spatial or min(blocks) < 1 or len(borders) != 2 * spatial or min(borders) < 0:
        raise refuse(operator, f"blocks {blocks} and borders {borders} do not fit")
    images, *size, channels = whole.shape
    padded = [sum(row) for row in zip(size, borders[::2], borders[1::2], strict=True)]
    inner = [total // block for total, block in zip(padded, blocks, strict=True)]
    if any(total % block for total, block in zip(padded, blocks, strict=True)):
        raise refuse(operator, f"{padded} pixels are not whole blocks of {blocks}")
    cells = math.prod(blocks)
    if parts.shape != (images * cells, *inner, channels) or cells > 1024:
        raise refuse(operator, f"blocks {blocks} and borders {borders} do not lead to the output")
    if split and any(borders):
        raise refuse(
            operator, "borders are not supported: TFLM fills them with whatever its memory had"
        )
    calls = []
    for dimensions, offsets in _cells(whole, parts, blocks, borders[::2]):
        order = (0, 1) if split else (1, 0)
        turned = [(size, step[order[0]], step[order[1]]) for size, *step in dimensions]
        start = (offsets[order[0]], offsets[order[1]])
        calls.append(copy(source, target, turned, item, start))
    return Step(operator, tuple(calls))


def _cells(
    whole: Tensor, parts: Tensor, blocks: Sequence[int], before: Sequence[int]
) -> Iterator[tuple[list[Dimension], tuple[int, int]]]:
    """For each pixel of a block, the walk through its image: whole first, part second."""
    images, *size, channels = whole.shape
    of_whole, of_parts = strides(whole.shape), strides(parts.shape)
    for number, cell in enumerate(itertools.product(*map(range, blocks))):
        dimensions = [(images, of_whole[0], of_parts[0])]
        offsets = [0, number * images * of_parts[0]]
        for axis, (position, block, border) in enumerate(zip(cell, blocks, before, strict=True)):
            # Pixels i * block + position - border of the whole that exist.
            first = max(-(-(border - position) // block), 0)
            last = (size[axis] - 1 + border - position) // block
            count = min(last, parts.shape[axis + 1] - 1) - first + 1
            if count <= 0:
                break
            step = (of_whole[axis + 1], of_parts[axis + 1])
            dimensions.append((count, block * step[0], step[1]))
            offsets[0] += (first * block + position - border) * step[0]
            offsets[1] += first * step[1]
        else:
            yield [*dimensions, (channels, 1, 1)], (offsets[0], offsets[1])


def mirror_pad(graph: Graph, operator: Operator) -> Step:
    """MIRROR_PAD: the border is the input read backwards, with its edge or without."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    widths = integers(graph, operator, 1)
    if len(widths) != 2 * len(source.shape) or len(source.shape) > 6:
        raise refuse(operator, f"paddings {widths} do not fit {len(source.shape)} dimensions")
    skip = 0 if option(operator, "mode", "REFLECT") == "SYMMETRIC" else 1
    pieces, shape = [], []
    for size, before, after in zip(source.shape, widths[::2], widths[1::2], strict=True):
        if not 0 <= min(before, after) <= max(before, after) <= size - skip:
            raise refuse(operator, f"{before} and {after} elements cannot mirror {size}")
        left = range(before - 1 + skip, skip - 1, -1)
        right = range(size - 1 - skip, size - 1 - skip - after, -1)
        pieces.append(((0, left), (before, range(size)), (before + size, right)))
        shape.append(before + size + after)
    require_shape(operator, target, shape)
    read, written = strides(source.shape), strides(target.shape)
    calls = []
    for parts in itertools.product(*pieces):
        if all(taken for _, taken in parts):
            rows = list(zip(parts, read, written, strict=True))
            dimensions = [(len(taken), taken.step * a, b) for (_, taken), a, b in rows]
            start = sum(taken.start * a for (_, taken), a, _ in rows)
            to = sum(first * b for (first, _), _, b in rows)
            calls.append(copy(source, target, dimensions, item, (start, to)))
    return Step(operator, tuple(calls))


def resize(graph: Graph, operator: Operator) -> Step:
    """RESIZE_NEAREST_NEIGHBOR: each pixel of the output is one of the input."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    item = same_type(operator, (source, target))
    wanted = integers(graph, operator, 1)
    if len(source.shape) != 4 or len(wanted) != 2:
        raise refuse(operator, f"{len(source.shape)} dimensions to {wanted} are not supported")
    images, height, width, channels = source.shape
    require_shape(operator, target, [images, *wanted, channels])
    rows, columns = (
        np.array(_nearest(operator, size, new), np.int32)
        for size, new in zip((height, width), wanted, strict=True)
    )
    pixel = channels * item
    fields: dict[str, Field] = {
        "rows": rows * (width * pixel),
        "columns": columns * pixel,
        "pixel": pixel,
        "image": height * width * pixel,
        "images": images,
        "height": wanted[0],
        "width": wanted[1],
    }
    return Step(operator, (Call("resize", (source.index, target.index), fields),))


def _nearest(operator: Operator, size: int, new: int) -> list[int]:
    """The input's coordinate for each of the output's, in float32.

    Source: tflite-micro `reference/resize_nearest_neighbor.h`, `GetNearestNeighbor`.
    """
    corners = option(operator, "align_corners", False)
    if corners and new > 1:
        scale = np.float32(size - 1) / np.float32(new - 1)
    else:
        scale = np.float32(size) / np.float32(new)
    half = np.float32(0.5 if option(operator, "half_pixel_centers", False) else 0)
    places = [float((np.float32(i) + half) * scale) for i in range(new)]
    return [min(math.floor(p + 0.5 if corners else p), size - 1) for p in places]


LOWERINGS = {
    "SPACE_TO_DEPTH": depth,
    "DEPTH_TO_SPACE": depth,
    "SPACE_TO_BATCH_ND": batch,
    "BATCH_TO_SPACE_ND": batch,
    "MIRROR_PAD": mirror_pad,
    "RESIZE_NEAREST_NEIGHBOR": resize,
}
