"""Layers that move a window, or multiply matrices, beyond those that `strategies` draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from .builder import Tensor
from .draft import Draft
from .layers import conv_2d, depthwise_conv_2d, fully_connected, pool_2d, weighted

FLOAT, INT8, INT16 = "float32", "int8", "int16"
Family = Callable[[Draft], Tensor | Sequence[Tensor]]


def image(draft: Draft, dtype: str, channels: int = 6) -> Tensor:
    size = (draft.between(1, 6), draft.between(1, 6))
    return draft.input((draft.any(1, 1, 2), *size, draft.between(1, channels)), dtype)


def transpose_conv(draft: Draft, dtype: str) -> Tensor:
    """An output of any size, as the file says; converters only write those that fit."""
    x = image(draft, dtype)
    kernel = (draft.any(1, 2, 3, 3, 4), draft.any(1, 2, 3, 3, 4))
    strides = (draft.any(1, 2, 2, 3), draft.any(1, 2, 2, 3))
    padding = draft.any("SAME", "VALID")
    sizes = [
        size * stride if padding == "SAME" else (size - 1) * stride + taps
        for size, stride, taps in zip(x.shape[1:3], strides, kernel, strict=True)
    ]
    if draft.chance(20):
        sizes = [max(size + draft.between(-3, 3), 1) for size in sizes]
    outputs = draft.between(1, 6)
    shape = (x.shape[0], *sizes, outputs)
    weights, bias, y = weighted(
        draft,
        x,
        (outputs, *kernel, x.shape[3]),
        0,
        shape,
        per_channel=outputs > 1 and dtype != FLOAT and draft.chance(75),
    )
    given = draft.constant(shape)
    if draft.chance(30):
        given = Tensor((4,), "int32")
        draft.inputs.append(given)
    options: dict[str, Any] = {"padding": padding, "stride_h": strides[0], "stride_w": strides[1]}
    fused = draft.fused(y)
    inputs = (given, weights, x) if bias is None else (given, weights, x, bias)
    return draft.add("TRANSPOSE_CONV", inputs, y, **options, fused_activation_function=fused)


def short_biases(draft: Draft) -> Tensor:
    """A transposed convolution of int16 with biases of 16 bits, which the runtime widens."""
    made = transpose_conv(draft, INT16)
    op = draft.ops[-1]
    values = draft.rng.integers(-(2**15), 2**15, made.shape[3]).astype(np.int16)
    op.inputs = (*op.inputs[:3], Tensor(values.shape, INT16, 1.0, data=values))
    return made


def resize_bilinear(draft: Draft, dtype: str) -> Tensor:
    x = image(draft, dtype)
    size = [draft.between(1, 11), draft.between(1, 11)]
    kind = draft.any({}, {"align_corners": True}, {"half_pixel_centers": True})
    y = draft.like(x, (x.shape[0], *size, x.shape[3]))
    return draft.add("RESIZE_BILINEAR", (x, draft.constant(size)), y, **kind)


def grouped_conv(draft: Draft, dtype: str) -> Tensor:
    """Groups of output channels, each of which sees a part of the input's."""
    groups, depth, filters = draft.between(2, 4), draft.between(1, 5), draft.between(1, 5)
    batch, height, width = draft.any(1, 1, 2), draft.between(2, 6), draft.between(2, 6)
    x = draft.input((batch, height, width, groups * depth), dtype)
    kernel = (draft.between(1, 3), draft.between(1, 3))
    strides = (draft.any(1, 1, 2), draft.any(1, 1, 2))
    y_size = [-(-size // stride) for size, stride in zip((height, width), strides, strict=True)]
    outputs = groups * filters
    weights, bias, y = weighted(
        draft,
        x,
        (outputs, *kernel, depth),
        0,
        (batch, *y_size, outputs),
        per_channel=dtype != FLOAT and draft.chance(75),
    )
    options: dict[str, Any] = {"padding": "SAME", "stride_h": strides[0], "stride_w": strides[1]}
    fused = draft.fused(y)
    inputs = (x, weights, bias)
    return draft.add("CONV_2D", inputs, y, **options, fused_activation_function=fused)


def wrapping(layer: Callable[[Draft], Tensor]) -> Family:
    """The layer with biases at the ends of 32 bits, so that sums wrap around."""

    def draw(draft: Draft) -> Tensor:
        made = layer(draft)
        op = draft.ops[-1]
        ends = np.array((-(2**31), 2**31 - 1, 2**31 - 1, 0), np.int32)
        values = draft.rng.choice(ends, made.shape[-1])
        values[0] = ends[1]
        scales = [t.scale for t in op.inputs[:2] if t is not None]
        assert isinstance(scales[0], float)
        product = scales[0] * float(np.atleast_1d(np.asarray(scales[1]))[0])
        op.inputs = (*op.inputs[:2], Tensor(values.shape, "int32", product, data=values))
        return made

    return draw


def computed(layer: Callable[[Draft], Tensor]) -> Callable[[Draft], Tensor]:
    """The layer with weights that are an input of the model."""

    def draw(draft: Draft) -> Tensor:
        made = layer(draft)
        op = draft.ops[-1]
        x, given, *rest = op.inputs
        assert given is not None
        weights = replace(given, data=None)
        if op.name == "FULLY_CONNECTED" and isinstance(given.scale, float) and draft.chance(50):
            weights = replace(weights, zero_point=draft.between(-128, 127))
        draft.inputs.append(weights)
        op.inputs = (x, weights, *rest)
        return made

    return draw


def halves(layer: Callable[[Draft], Tensor]) -> Family:
    """The layer with weights of four bits."""

    def draw(draft: Draft) -> Tensor:
        made = layer(draft)
        op = draft.ops[-1]
        x, given, *rest = op.inputs
        assert given is not None
        values = draft.rng.integers(-8, 8, given.shape)
        scale = given.scale
        if op.name == "FULLY_CONNECTED" and not isinstance(scale, float):
            scale = float(np.asarray(scale)[0])
            rest = []
        op.inputs = (x, replace(given, dtype="int4", data=values, scale=scale), *rest)
        return made

    return draw


def _dense(draft: Draft, dtype: str) -> Tensor:
    x = draft.input((draft.between(1, 3), draft.between(1, 20)), dtype)
    return fully_connected(draft, x)


LAYERS: dict[str, Callable[..., Tensor]] = {
    "fully_connected": _dense,
    "conv_2d": lambda draft, dtype: conv_2d(draft, image(draft, dtype)),
    "depthwise_conv_2d": lambda draft, dtype: depthwise_conv_2d(draft, image(draft, dtype)),
}


def batch_matmul(draft: Draft, dtype: str) -> Tensor:
    """Batches that broadcast, either matrix transposed, the second constant at times."""
    rows, columns, depth = (draft.between(1, 7) for _ in range(3))
    adj_x, adj_y = draft.chance(40), draft.chance(40)
    batches = draft.shape(draft.between(0, 3), 3)
    sides = []
    for matrix in (
        (depth, rows) if adj_x else (rows, depth),
        (columns, depth) if adj_y else (depth, columns),
    ):
        dropped = draft.between(0, len(batches)) if draft.chance(30) else 0
        shape = [1 if draft.chance(25) else size for size in batches[dropped:]]
        sides.append((*shape, *matrix))
    rank = max(len(side) for side in sides)
    wide = [(*(1,) * (rank - len(side)), *side) for side in sides]
    shape = [max(pair) for pair in zip(*(side[:-2] for side in wide), strict=True)]
    first, second = draft.input(sides[0], dtype), draft.activation(sides[1], dtype)
    if draft.chance(30):
        second = replace(second, data=draft.content(sides[1], dtype))
    else:
        draft.inputs.append(second)
    y = draft.activation((*shape, rows, columns), dtype)
    if dtype != FLOAT:
        # Outputs within the range, mostly.
        assert isinstance(first.scale, float)
        assert isinstance(second.scale, float)
        codes = 60.0 if dtype == INT8 else 15000.0
        usual = first.scale * second.scale * codes * depth**0.5
        y = replace(y, scale=usual * draft.magnitude(0.3, 30))
    return draft.add("BATCH_MATMUL", (first, second), y, adj_x=adj_x, adj_y=adj_y)


FAMILIES: dict[str, Family] = {
    "transpose_conv": partial(transpose_conv, dtype=INT8),
    "transpose_conv_float32": partial(transpose_conv, dtype=FLOAT),
    "transpose_conv_int16": partial(transpose_conv, dtype=INT16),
    "transpose_conv_int16_short_bias": short_biases,
    "conv_2d_groups": partial(grouped_conv, dtype=INT8),
    "conv_2d_groups_int16": partial(grouped_conv, dtype=INT16),
    "conv_2d_groups_float32": partial(grouped_conv, dtype=FLOAT),
    **{f"{name}_wrapping": wrapping(partial(layer, dtype=INT8)) for name, layer in LAYERS.items()},
    **{
        f"{name}_computed{suffix}": computed(partial(layer, dtype=dtype))
        for name, layer in LAYERS.items()
        for suffix, dtype in (("", INT8), ("_int16", INT16), ("_float32", FLOAT))
    },
    **{f"{name}_int4": halves(partial(layer, dtype=INT8)) for name, layer in LAYERS.items()},
    "batch_matmul": partial(batch_matmul, dtype=INT8),
    "batch_matmul_float32": partial(batch_matmul, dtype=FLOAT),
    "batch_matmul_int16": partial(batch_matmul, dtype=INT16),
    "resize_bilinear": partial(resize_bilinear, dtype=INT8),
    "resize_bilinear_float32": partial(resize_bilinear, dtype=FLOAT),
    "l2_pool_2d_float32": lambda draft: pool_2d(draft, image(draft, FLOAT), "L2_POOL_2D"),
}
FLOATS: dict[str, Callable[[Draft], Tensor]] = {
    "transpose_conv": partial(transpose_conv, dtype=FLOAT),
    "batch_matmul": partial(batch_matmul, dtype=FLOAT),
    "resize_bilinear": partial(resize_bilinear, dtype=FLOAT),
    "l2_pool_2d": lambda draft: pool_2d(draft, image(draft, FLOAT), "L2_POOL_2D"),
    **{f"{name}_computed": computed(partial(layer, dtype=FLOAT)) for name, layer in LAYERS.items()},
}
"""Those of float32, for inputs that are no numbers, too."""
