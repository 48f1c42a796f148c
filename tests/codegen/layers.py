"""Operators with weights, and pooling: drawn with multipliers from tiny to above one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .builder import Tensor
from .draft import Draft

SMALLEST_SCALE = 1e-7
"""Below, a fused activation's bound leaves 32 bits and the runtime refuses."""


def fully_connected(
    draft: Draft, x: Tensor, units: int | None = None, *, tight: bool = False
) -> Tensor:
    """Append FULLY_CONNECTED; `tight` keeps the output within its usual range."""
    units = units or draft.between(1, 12)
    depth = x.shape[-1]
    # Per-channel scales are int8's only.
    per_channel = x.dtype == "int8" and units > 1 and draft.chance(40)
    keep = len(x.shape) > 2 or draft.chance(25)
    batch = x.shape[:-1] if keep else (math.prod(x.shape[:-1]),)
    weights, bias, y = weighted(
        draft, x, (units, depth), 0, (*batch, units), per_channel=per_channel, tight=tight
    )
    return draft.add(
        "FULLY_CONNECTED",
        (x, weights, bias),
        y,
        fused_activation_function=draft.fused(y),
        keep_num_dims=keep,
    )


def conv_2d(
    draft: Draft,
    x: Tensor,
    channels: int | None = None,
    *,
    kernel: tuple[int, int] | None = None,
    same: bool | None = None,
) -> Tensor:
    """Append CONV_2D, with all strides and dilations at 1 when `same` is asked for."""
    channels = channels or draft.between(1, 9)
    window = _window(draft, x, kernel, plain=same is True, same=same)
    shape = (channels, *window.kernel, x.shape[3])
    per_channel = channels > 1 and draft.chance(75)
    weights, bias, y = weighted(
        draft, x, shape, 0, (*window.output, channels), per_channel=per_channel, tight=same is True
    )
    return draft.add(
        "CONV_2D", (x, weights, bias), y, **window.options, fused_activation_function=draft.fused(y)
    )


def depthwise_conv_2d(
    draft: Draft, x: Tensor, multiplier: int | None = None, *, tight: bool = False
) -> Tensor:
    """Append DEPTHWISE_CONV_2D."""
    multiplier = multiplier or draft.any(1, 1, 2, 3, 4)
    channels = x.shape[3] * multiplier
    window = _window(draft, x, None, square=True)
    weights, bias, y = weighted(
        draft,
        x,
        (1, *window.kernel, channels),
        3,
        (*window.output, channels),
        per_channel=channels > 1 and draft.chance(75),
        tight=tight,
    )
    options = {**window.options, "depth_multiplier": multiplier}
    fused = draft.fused(y)
    # The runtime crashes on an absent bias, but not on two inputs.
    inputs = (x, weights) if bias is None else (x, weights, bias)
    return draft.add("DEPTHWISE_CONV_2D", inputs, y, **options, fused_activation_function=fused)


def pool_2d(draft: Draft, x: Tensor, name: str) -> Tensor:
    """Append AVERAGE_POOL_2D or MAX_POOL_2D."""
    window = _window(draft, x, None, plain=None)
    options = {key: value for key, value in window.options.items() if "dilation" not in key}
    height, width = window.kernel
    y = draft.like(x, (*window.output, x.shape[3]))
    options |= {"filter_height": height, "filter_width": width}
    return draft.add(name, (x,), y, **options, fused_activation_function=draft.fused(y))


class _Window:
    """A sliding window: kernel, output's batch and size, and the operator's options."""

    def __init__(
        self,
        kernel: tuple[int, int],
        output: tuple[int, int, int],
        options: dict[str, Any],
    ) -> None:
        self.kernel = kernel
        self.output = output
        self.options = options


def _window(
    draft: Draft,
    x: Tensor,
    kernel: tuple[int, int] | None,
    *,
    plain: bool | None = False,
    same: bool | None = None,
    square: bool = False,
) -> _Window:
    """Draw a window that fits; `plain` has no strides and dilations, `None` no dilations."""
    batch, *size, _ = x.shape
    if kernel is None:
        kernel = (draft.any(1, 2, 3, 3, 5), draft.any(1, 2, 3, 3, 5))
        if draft.chance(30):
            kernel = (1, 1) if draft.chance(50) else (3, 3)
    strides = [1, 1] if plain else [draft.any(1, 1, 2, 3), draft.any(1, 1, 2, 3)]
    if square:
        strides[1] = strides[0]
    dilations = [1, 1]
    # The runtime's converter never combines the two, but nothing forbids it.
    if plain is False and draft.chance(25):
        dilations = [draft.between(1, 3), draft.between(1, 3)]
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    fits = all(r <= s for r, s in zip(reach, size, strict=True))
    padded = same if same is not None else not fits or draft.chance(50)
    out = [
        -(-s // t) if padded else (s - r) // t + 1
        for s, t, r in zip(size, strides, reach, strict=True)
    ]
    options: dict[str, Any] = {
        "padding": "SAME" if padded else "VALID",
        "stride_h": strides[0],
        "stride_w": strides[1],
        "dilation_h_factor": dilations[0],
        "dilation_w_factor": dilations[1],
    }
    return _Window(kernel, (batch, out[0], out[1]), options)


def weighted(
    draft: Draft,
    x: Tensor,
    shape: Sequence[int],
    axis: int,
    out_shape: Sequence[int],
    *,
    per_channel: bool,
    tight: bool = False,
) -> tuple[Tensor, Tensor | None, Tensor]:
    """Return weights, bias and output, scaled for one another."""
    channels = shape[axis]
    if x.dtype == "float32":
        weights = Tensor(tuple(shape), "float32", data=draft.content(shape, "float32"))
        floats = draft.content((channels,), "float32")
        bias = Tensor((channels,), "float32", data=floats) if draft.chance(75) else None
        return weights, bias, Tensor(tuple(out_shape), "float32")
    values = draft.content(shape, "int8")
    if draft.chance(80):
        values = np.maximum(values, -127)  # what converters write
    rows = np.moveaxis(values.astype(np.int64), axis, 0).reshape(channels, -1)
    multiplier = _multiplier(draft, x.dtype, rows, tight=tight)
    assert isinstance(x.scale, float)
    scale, out_scale = _scales(draft, x.scale, multiplier)
    spread = np.exp2(draft.rng.uniform(-4, 0, channels)) if per_channel else np.ones(1)
    scales = [scale * float(factor) for factor in spread]
    weights = Tensor(
        tuple(shape),
        "int8",
        scales if per_channel else scales[0],
        axis=axis,
        data=values,
    )
    bias = None
    if draft.chance(80):
        bias = _bias(draft, x, rows, multiplier, scales, per_channel=per_channel, tight=tight)
    zero_point = draft.zero_point(x.dtype)
    if tight and x.dtype == "int8":
        zero_point = draft.any(-128, draft.between(-64, 64), draft.between(-64, 64))
    y = Tensor(tuple(out_shape), x.dtype, out_scale, zero_point)
    return weights, bias, y


def _multiplier(draft: Draft, dtype: str, rows: NDArray[np.int64], *, tight: bool) -> float:
    """Return scale in x scale of weights / scale out."""
    # Most outputs within the range: this part of the root mean square of what is accumulated.
    deviation = (74.0 if dtype == "int8" else 19000.0) * math.sqrt(max(1.0, (rows**2).sum(1).max()))
    target = 50.0 if dtype == "int8" else 12000.0
    kind = 0 if tight else draft.between(0, 9)
    if kind < 7:
        return target * draft.magnitude(0.3, 3.0) / deviation
    if kind == 7:
        return draft.magnitude(2.0**-36, 2.0**-16)
    return draft.magnitude(0.5, 24.0) if kind == 8 else draft.ratio() * 2.0 ** draft.between(-12, 0)


def _scales(draft: Draft, scale_in: float, multiplier: float) -> tuple[float, float]:
    """Return scales of weights and of the output for a multiplier."""
    scale = draft.magnitude(1e-4, 1e-1)
    out = scale_in * scale / multiplier
    if out < SMALLEST_SCALE:
        scale *= SMALLEST_SCALE / out
    if out > 1e6:
        scale *= 1e6 / out
    return scale, scale_in * scale / multiplier


def _bias(
    draft: Draft,
    x: Tensor,
    rows: NDArray[np.int64],
    multiplier: float,
    scales: Sequence[float],
    *,
    per_channel: bool,
    tight: bool,
) -> Tensor:
    assert isinstance(x.scale, float)
    # 32-bit accumulators and their left shift must not overflow: C leaves that undefined.
    shift = max(0, math.frexp(multiplier)[1] + 1)
    room = (2**31 >> shift) - 1 - 256 * int(np.abs(rows).sum(1).max())
    usual = int(min(room, max(1.0, (25 if tight else 100) / multiplier)))
    kind = 0 if tight else draft.between(0, 9)
    limit = 2**36 if x.dtype == "int16" and kind == 9 else room if kind == 9 else usual
    dtype = "int64" if x.dtype == "int16" else "int32"
    values = draft.rng.integers(-limit, limit, len(rows), dtype, endpoint=True)
    if kind in (7, 8):
        values = draft.rng.choice(np.array((-limit, limit), dtype), len(rows))
    bias_scales = [x.scale * scale for scale in scales]
    if draft.chance(30):
        # Quantization-aware training leaves other scales; the runtime bears 2 % of the output's.
        off = min(3.0, 0.019 / multiplier)
        bias_scales = [scale * (1 + draft.random.random() * off) for scale in bias_scales]
    scale: float | list[float] = bias_scales if per_channel else bias_scales[0]
    return Tensor((len(rows),), dtype, scale, data=values)
