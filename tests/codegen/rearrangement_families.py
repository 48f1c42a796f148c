"""Operators that move blocks of images, and borders that repeat."""

from __future__ import annotations

from collections.abc import Callable

from .builder import Tensor
from .draft import Draft


def moved(draft: Draft, shape: tuple[int, ...]) -> Tensor:
    return draft.input(shape, draft.any("int8", "int8", "float32"))


def mirror_pad(draft: Draft) -> Tensor:
    """Draw borders of up to what can be mirrored, without the edge or with it."""
    x = moved(draft, tuple(draft.between(2, 5) for _ in range(draft.between(1, 4))))
    symmetric = draft.chance(50)
    widths = [[draft.between(0, size - (not symmetric)) for _ in range(2)] for size in x.shape]
    shape = [size + sum(pair) for size, pair in zip(x.shape, widths, strict=True)]
    y = draft.like(x, shape)
    return draft.add("MIRROR_PAD", (x, draft.constant(widths)), y, mode=int(symmetric))


def blocks(draft: Draft) -> tuple[int, int]:
    return draft.between(1, 3), draft.between(1, 3)


def space_to_batch(draft: Draft) -> Tensor:
    """Draw images whose height and width become blocks; the runtime fills no borders."""
    size, grid = blocks(draft), (draft.between(1, 3), draft.between(1, 3))
    inner = (grid[0] * size[0], grid[1] * size[1])
    x = moved(draft, (draft.any(1, 2), *inner, draft.between(1, 4)))
    y = draft.like(x, (x.shape[0] * size[0] * size[1], *grid, x.shape[3]))
    borders = draft.constant([[0, 0], [0, 0]])
    return draft.add("SPACE_TO_BATCH_ND", (x, draft.constant(size), borders), y)


def batch_to_space(draft: Draft) -> Tensor:
    """Draw batches that become images, cut at the borders."""
    size, grid = blocks(draft), (draft.between(1, 3), draft.between(1, 3))
    crops, outer = [], []
    for block, extent in zip(size, grid, strict=True):
        first = draft.between(0, block - 1)
        crops.append([first, draft.between(0, block - 1 - first)])
        outer.append(block * extent - sum(crops[-1]))
    batches = draft.any(1, 2)
    x = moved(draft, (batches * size[0] * size[1], *grid, draft.between(1, 4)))
    y = draft.like(x, (batches, *outer, x.shape[3]))
    return draft.add("BATCH_TO_SPACE_ND", (x, draft.constant(size), draft.constant(crops)), y)


def space_to_depth(draft: Draft) -> Tensor:
    block, grid = draft.between(1, 3), (draft.between(1, 3), draft.between(1, 3))
    batch, depth = draft.any(1, 2), draft.between(1, 4)
    x = moved(draft, (batch, grid[0] * block, grid[1] * block, depth))
    y = draft.like(x, (batch, *grid, depth * block**2))
    return draft.add("SPACE_TO_DEPTH", (x,), y, block_size=block)


def depth_to_space(draft: Draft) -> Tensor:
    block, grid = draft.between(1, 3), (draft.between(1, 3), draft.between(1, 3))
    batch, depth = draft.any(1, 2), draft.between(1, 4)
    x = moved(draft, (batch, *grid, depth * block**2))
    y = draft.like(x, (batch, grid[0] * block, grid[1] * block, depth))
    return draft.add("DEPTH_TO_SPACE", (x,), y, block_size=block)


def resize_nearest(draft: Draft) -> Tensor:
    """Draw a new height and width, by either rule of where a pixel stands."""
    x = moved(draft, (draft.any(1, 2), *draft.shape(2, 6), draft.between(1, 3)))
    size = draft.shape(2, 9)
    y = draft.like(x, (x.shape[0], *size, x.shape[3]))
    rule = draft.any("", "align_corners", "half_pixel_centers")
    options = {rule: True} if rule else {}
    return draft.add("RESIZE_NEAREST_NEIGHBOR", (x, draft.constant(size)), y, **options)


FAMILIES: dict[str, Callable[[Draft], Tensor]] = {
    "mirror_pad": mirror_pad,
    "space_to_batch_nd": space_to_batch,
    "batch_to_space_nd": batch_to_space,
    "space_to_depth": space_to_depth,
    "depth_to_space": depth_to_space,
    "resize_nearest_neighbor": resize_nearest,
}
