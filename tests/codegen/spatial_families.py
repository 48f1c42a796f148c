"""Layers that move a window, or multiply matrices, beyond those that `strategies` draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .builder import Tensor
from .draft import Draft
from .layers import pool_2d, weighted

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


FAMILIES: dict[str, Family] = {
    "transpose_conv": partial(transpose_conv, dtype=INT8),
    "transpose_conv_float32": partial(transpose_conv, dtype=FLOAT),
    "transpose_conv_int16": partial(transpose_conv, dtype=INT16),
    "transpose_conv_int16_short_bias": short_biases,
    "resize_bilinear": partial(resize_bilinear, dtype=INT8),
    "resize_bilinear_float32": partial(resize_bilinear, dtype=FLOAT),
    "l2_pool_2d_float32": lambda draft: pool_2d(draft, image(draft, FLOAT), "L2_POOL_2D"),
}
