"""Operators that take, place, repeat, choose or cast elements, and types that are only moved."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from . import shapes
from .builder import Tensor
from .draft import Draft
from .graphs import Family

MOVED = ("int8", "int16", "float32")
WIDER: dict[str, tuple[str, ...]] = {
    "concatenation": ("int32", "int64", "bool"),
    "pack": ("int32", "int64"),
    "unpack": ("int32",),
    "split": ("int32",),
    "split_v": ("int32",),
    "pad": ("int32",),
    "padv2": ("int32",),
    "slice": ("int32", "bool"),
    "strided_slice": ("int32", "bool"),
    "reshape": ("uint8", "int32", "uint32", "int64", "uint64", "bool"),
}
"""Types beyond `MOVED` that the runtime takes, by operator."""


def _truths(draft: Draft, shape: Sequence[int]) -> Tensor:
    """Return numbers, 0 or 1, that the model computes from an input."""
    x = draft.input(shape, "bool")
    return draft.add("CAST", (x,), Tensor(tuple(shape), "int32"))


def _indices(draft: Draft, shape: Sequence[int], limit: int) -> Tensor:
    """Return indices below a limit: constant ones, or computed ones if 0 and 1 are."""
    if limit > 1 and draft.chance(50):
        return _truths(draft, shape)
    return draft.constant(draft.rng.integers(0, limit, shape), "int32")


def gather(draft: Draft) -> Tensor:
    """Draw GATHER along any axis, at times in batches that both inputs have."""
    x = draft.input(draft.shape(draft.between(1, 4), 4), draft.any("int8", "float32"))
    axis = draft.between(0, len(x.shape) - 1)
    batches = draft.between(0, axis) if draft.chance(50) else 0
    wanted = draft.shape(draft.between(0, 2), 4)
    if not batches + len(wanted):
        wanted = (2,)
    indices = _indices(draft, (*x.shape[:batches], *wanted), x.shape[axis])
    y = draft.like(x, [*x.shape[:axis], *wanted, *x.shape[axis + 1 :]])
    rank = len(indices.shape)
    return draft.add(
        "GATHER",
        (x, indices),
        y,
        axis=axis - len(x.shape) if draft.chance(30) else axis,
        batch_dims=batches - rank if batches < rank and draft.chance(20) else batches,
    )


def gather_nd(draft: Draft) -> Tensor:
    """Draw GATHER_ND with an index of one to all dimensions."""
    x = draft.input(draft.shape(draft.between(1, 4), 4), draft.any("int8", "float32"))
    depth = draft.between(1, len(x.shape))
    wanted = draft.shape(draft.between(1, 2), 3)
    indices = _indices(draft, (*wanted, depth), min(x.shape[:depth]))
    return draft.add("GATHER_ND", (x, indices), draft.like(x, (*wanted, *x.shape[depth:])))


def embedding(draft: Draft, dtype: str) -> Tensor:
    """Draw EMBEDDING_LOOKUP in a constant table; of int8 it may give real numbers."""
    rows = draft.activation(draft.shape(draft.between(2, 3), 6), dtype)
    rows = replace(rows, data=draft.content(rows.shape, dtype))
    count = draft.between(1, 5)
    indices = _truths(draft, (count,)) if rows.shape[0] > 1 else draft.constant([0] * count)
    if not draft.inputs:
        draft.input((1,))
    y = draft.like(rows, (count, *rows.shape[1:]))
    if dtype == "int8" and draft.chance(50):
        rows = replace(rows, zero_point=0)
        y = Tensor(y.shape, "float32")
    return draft.add("EMBEDDING_LOOKUP", (indices, rows), y)


def computed_slice(draft: Draft) -> Tensor:
    """Draw SLICE whose begin is computed: 0 or 1 in each dimension."""
    x = draft.input(draft.shape(draft.between(1, 4)), draft.any(*MOVED, "int32", "bool"))
    x = draft.inputs[0] = draft.like(x, [size + 1 for size in x.shape])
    begin = _truths(draft, (len(x.shape),))
    sizes = [draft.between(1, size - 1) for size in x.shape]
    return draft.add("SLICE", (x, begin, draft.constant(sizes)), draft.like(x, sizes))


def update_slice(draft: Draft) -> Tensor:
    """Draw DYNAMIC_UPDATE_SLICE at any place, also beyond the ends."""
    x = draft.input(draft.shape(draft.between(1, 4)), draft.any(*MOVED, "int32"))
    update = draft.sibling(x, [draft.between(1, size) for size in x.shape])
    dtype = draft.any("int32", "int64")
    start = draft.input((len(x.shape),), dtype)
    if draft.chance(40):
        draft.inputs.pop()
        start = draft.constant([draft.between(-2, size) for size in x.shape], dtype)
    return draft.add("DYNAMIC_UPDATE_SLICE", (x, update, start), draft.like(x, x.shape))


def cast(draft: Draft) -> Tensor:
    """Draw CAST between any two types that the runtime takes."""
    types = ("int8", "int16", "int32", "uint32", "bool", "float32")
    x = draft.input(draft.shape(2, 6), draft.any(*types))
    return draft.add("CAST", (x,), replace(draft.activation(x.shape, draft.any(*types))))


def broadcast_to(draft: Draft) -> Tensor:
    """Draw BROADCAST_TO of at most five dimensions."""
    shape = draft.shape(draft.between(1, 5), 3)
    x = draft.input(
        [1 if draft.chance(40) else size for size in shape][draft.between(0, len(shape) - 1) :],
        draft.any(*MOVED, "uint8", "int32", "int64", "bool"),
    )
    wanted = draft.constant(shape, draft.any("int32", "int64"))
    return draft.add("BROADCAST_TO", (x, wanted), draft.like(x, shape))


def broadcast_args(draft: Draft) -> Tensor:
    """Draw BROADCAST_ARGS of computed shapes, or of one and a constant."""
    if draft.chance(50):
        shape = draft.input((draft.between(1, 4),), draft.any("int32", "int64"))
        ones = draft.constant([1] * draft.between(1, shape.shape[0]), shape.dtype)
        y = Tensor(shape.shape, shape.dtype)
        return draft.add("BROADCAST_ARGS", (shape, ones), y)
    first = _truths(draft, (draft.between(1, 4),))
    second = _truths(draft, (draft.between(1, 4),))
    if draft.chance(40):
        draft.ops.pop()
        draft.inputs.pop()
        second = draft.constant([1] * second.shape[0])
    y = Tensor(max(first.shape, second.shape), "int32")
    return draft.add("BROADCAST_ARGS", (first, second), y)


def reverse(draft: Draft) -> Tensor:
    """Draw REVERSE_V2 of one axis or of some that follow each other."""
    x = draft.input(
        draft.shape(draft.between(1, 4)), draft.any(*MOVED, "uint8", "int32", "int64", "bool")
    )
    first = draft.between(0, len(x.shape) - 1)
    axes = list(range(first, draft.between(first, len(x.shape) - 1) + 1))
    draft.random.shuffle(axes)
    named = [axis - len(x.shape) if draft.chance(30) else axis for axis in axes]
    return draft.add("REVERSE_V2", (x, draft.constant(named)), draft.like(x, x.shape))


def cumsum(draft: Draft) -> Tensor:
    """Draw CUMSUM of few elements, or of so many that sums of int8 codes leave 32 bits."""
    x = draft.input(draft.shape(draft.between(1, 3), 20), draft.any("int8", "float32"))
    axis = draft.between(-len(x.shape), len(x.shape) - 1)
    y = draft.like(x, x.shape)
    if isinstance(x.scale, float):
        y = replace(
            y, scale=x.scale * draft.magnitude(0.1, 30), zero_point=draft.zero_point("int8")
        )
    return draft.add(
        "CUMSUM",
        (x, draft.constant(axis)),
        y,
        exclusive=draft.chance(50),
        reverse=draft.chance(50),
    )


def fill(draft: Draft) -> Tensor:
    """Draw FILL with a scalar that is an input or a constant."""
    value = draft.input((), draft.any("int8", "int32", "float32"))
    if draft.chance(40):
        draft.inputs = [draft.input((1,))]
        value = replace(value, data=draft.content((), value.dtype))
    shape = draft.shape(draft.between(1, 3))
    wanted = draft.constant(shape, draft.any("int32", "int64"))
    return draft.add("FILL", (wanted, value), draft.like(value, shape))


def zeros_like(draft: Draft) -> Tensor:
    """Draw ZEROS_LIKE."""
    x = draft.input(draft.shape(2), draft.any("int8", "int32", "int64", "float32"))
    return draft.add("ZEROS_LIKE", (x,), draft.like(x, x.shape))


def select(draft: Draft) -> Tensor:
    """Draw SELECT_V2 of shapes that broadcast to each other."""
    shape = draft.shape(draft.between(1, 4), 4)
    dtype = draft.any(*MOVED)

    def part() -> tuple[int, ...]:
        kept = [1 if draft.chance(25) else size for size in shape]
        return tuple(kept[draft.between(0, len(kept) - 1) if draft.chance(25) else 0 :])

    condition, x = draft.input(part(), "bool"), draft.input(part(), dtype)
    y = draft.sibling(x, shape)
    return draft.add("SELECT_V2", (condition, x, y), draft.like(x, shape))


def extra_outputs(draft: Draft) -> list[Tensor]:
    """Draw a model that also returns a constant, an input, or the shape of one."""
    x = draft.input(draft.shape(draft.between(1, 3)), draft.any(*MOVED))
    y = draft.add("RESHAPE", (x,), draft.like(x, x.shape), new_shape=list(x.shape))
    dtype = draft.any("int8", "int16", "int32", "int64", "bool", "float32", "uint32")
    constant = draft.activation(draft.shape(draft.between(0, 2)), dtype)
    constant = replace(constant, data=draft.content(constant.shape, dtype))
    shape = draft.add("SHAPE", (x,), Tensor((len(x.shape),), "int32"))
    some = [[y, constant], [x, y, constant], [constant, y, shape], [shape, constant, constant]]
    return draft.any(*some)


def batch(draft: Draft, name: str) -> Tensor:
    """Draw SPACE_TO_BATCH_ND, or BATCH_TO_SPACE_ND that crops, of one or two dimensions."""
    spatial = draft.between(1, 2)
    blocks, cells = draft.shape(spatial, 3), draft.shape(spatial, 3)
    images, channels = draft.between(1, 2), draft.between(1, 4)
    parts = (images * math.prod(blocks), *cells, channels)
    size = [count * block for count, block in zip(cells, blocks, strict=True)]
    borders = [(0, 0)] * spatial
    if name == "BATCH_TO_SPACE_ND":
        borders = [(draft.between(0, total - 1), 0) for total in size]
        size = [total - first for total, (first, _) in zip(size, borders, strict=True)]
    whole = (images, *size, channels)
    source, target = (whole, parts) if name == "SPACE_TO_BATCH_ND" else (parts, whole)
    x = draft.input(source, draft.any("int8", "float32"))
    return draft.add(
        name, (x, draft.constant(blocks), draft.constant(borders)), draft.like(x, target)
    )


def depth(draft: Draft, name: str) -> Tensor:
    """Draw SPACE_TO_DEPTH or DEPTH_TO_SPACE."""
    block = draft.between(1, 3)
    images, height, width, channels = draft.shape(4, 3)
    fine = (images, height * block, width * block, channels)
    coarse = (images, height, width, channels * block**2)
    source, target = (fine, coarse) if name == "SPACE_TO_DEPTH" else (coarse, fine)
    x = draft.input(source, draft.any("int8", "float32"))
    return draft.add(name, (x,), draft.like(x, target), block_size=block)


def mirror_pad(draft: Draft) -> Tensor:
    """Draw MIRROR_PAD with the edge or without, of at most three dimensions."""
    x = draft.input(draft.shape(draft.between(1, 3), 4), draft.any("int8", "float32"))
    mode = draft.any(0, 1)  # REFLECT, SYMMETRIC
    most = [size - 1 + mode for size in x.shape]
    widths = [(draft.between(0, size), draft.between(0, size)) for size in most]
    shape = [size + sum(width) for size, width in zip(x.shape, widths, strict=True)]
    paddings = draft.constant(widths, draft.any("int32", "int64"))
    return draft.add("MIRROR_PAD", (x, paddings), draft.like(x, shape), mode=mode)


def resize(draft: Draft) -> Tensor:
    """Draw RESIZE_NEAREST_NEIGHBOR to a larger or a smaller image."""
    x = draft.input(draft.shape(4, 5), draft.any(*MOVED))
    size = draft.shape(2, 9)
    corners = draft.chance(30)
    return draft.add(
        "RESIZE_NEAREST_NEIGHBOR",
        (x, draft.constant(size)),
        draft.like(x, (x.shape[0], *size, x.shape[3])),
        align_corners=corners,
        half_pixel_centers=not corners and draft.chance(50),
    )


def _wide(draft: Draft, name: str) -> Tensor | Sequence[Tensor]:
    """Draw an operator that moves elements of a type that has no arithmetic of its own."""
    x = draft.input(draft.shape(draft.between(1, 4)), draft.any(*WIDER[name]))
    if name == "concatenation":
        return shapes.concatenation(draft, *shapes.several(draft, x))
    if name in ("pad", "padv2"):
        return shapes.pad(draft, x, name.upper())
    if name in ("split", "split_v"):
        axis = draft.between(0, len(x.shape) - 1)
        sizes = list(x.shape)
        sizes[axis] *= 2
        x = draft.inputs[0] = draft.like(x, sizes)
        return (
            shapes.split(draft, x, axis, 2) if name == "split" else shapes.split_v(draft, x, axis)
        )
    operators: dict[str, Callable[[Draft, Tensor], Tensor | list[Tensor]]] = {
        "pack": shapes.pack,
        "unpack": shapes.unpack,
        "slice": shapes.slice_,
        "strided_slice": shapes.strided_slice,
        "reshape": shapes.reshape,
    }
    return operators[name](draft, x)


FAMILIES: dict[str, Family] = {
    "gather": gather,
    "gather_nd": gather_nd,
    "embedding_lookup": partial(embedding, dtype="int8"),
    "embedding_lookup_float32": partial(embedding, dtype="float32"),
    "slice_computed": computed_slice,
    "dynamic_update_slice": update_slice,
    "cast": cast,
    "broadcast_to": broadcast_to,
    "broadcast_args": broadcast_args,
    "reverse": reverse,
    "cumsum": cumsum,
    "fill": fill,
    "zeros_like": zeros_like,
    "select": select,
    "extra_outputs": extra_outputs,
    "space_to_batch": partial(batch, name="SPACE_TO_BATCH_ND"),
    "batch_to_space": partial(batch, name="BATCH_TO_SPACE_ND"),
    "space_to_depth": partial(depth, name="SPACE_TO_DEPTH"),
    "depth_to_space": partial(depth, name="DEPTH_TO_SPACE"),
    "mirror_pad": mirror_pad,
    "resize_nearest": resize,
    **{f"{name}_wide": partial(_wide, name=name) for name in WIDER},
}
