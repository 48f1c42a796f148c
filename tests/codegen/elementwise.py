"""Operators that look at one element at a time, reductions, and changes of the code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .builder import Tensor
from .draft import Draft

LOGISTIC_SCALE = 1 / 256
TANH_SCALE = 1 / 128


def binary(draft: Draft, name: str, x: Tensor, other: Tensor | None = None) -> Tensor:
    """Append ADD, SUB or MUL of `x` and another tensor, by default one that may broadcast."""
    if other is None:
        other = operand(draft, x)
    a, b = (x, other) if draft.chance(50) else (other, x)
    y = Tensor(broadcast(a.shape, b.shape), x.dtype)
    if x.dtype in ("int8", "int16"):
        assert isinstance(a.scale, float)
        assert isinstance(b.scale, float)
        usual = max(a.scale, b.scale)
        if name == "MUL":
            usual = a.scale * b.scale * (60 if x.dtype == "int8" else 15000)
        scale = usual * draft.any(
            draft.magnitude(0.3, 4),
            draft.magnitude(0.5, 2),
            draft.ratio(),
            draft.magnitude(2e-3, 1e3),
        )
        y = replace(y, scale=max(scale, 1e-7), zero_point=draft.zero_point(x.dtype))
    return draft.add(name, (a, b), y, fused_activation_function=draft.fused(y))


def operand(draft: Draft, x: Tensor) -> Tensor:
    """Return an input or constant that broadcasts with `x`, at times beyond it."""
    shape = list(x.shape)
    kind = draft.between(0, 9)
    if kind in (0, 1):
        shape = [] if draft.chance(50) else [1]
    elif kind in (2, 3):
        shape = [size if draft.chance(50) else 1 for size in shape]
    elif kind == 4:
        shape = shape[draft.between(0, len(shape) - 1) :]
    elif kind == 5:
        shape = [draft.between(2, 4) if size == 1 else size for size in shape]
    other = draft.activation(shape, x.dtype)
    if isinstance(x.scale, float) and draft.chance(70):
        other = replace(
            other, scale=x.scale * draft.any(1.0, draft.ratio(), draft.magnitude(0.1, 10))
        )
    if draft.chance(30):
        return replace(other, data=draft.content(other.shape, other.dtype))
    draft.inputs.append(other)
    return other


def broadcast(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + tuple(a), (1,) * (rank - len(b)) + tuple(b)
    return tuple(max(i, j) for i, j in zip(a, b, strict=True))


def extreme(draft: Draft, name: str, x: Tensor) -> Tensor:
    """Append MAXIMUM or MINIMUM; codes are compared, so all are quantized alike."""
    other = operand(draft, x)
    alike = replace(other, scale=x.scale, zero_point=x.zero_point)
    draft.inputs = [alike if tensor is other else tensor for tensor in draft.inputs]
    y = draft.like(x, broadcast(x.shape, alike.shape))
    return draft.add(name, (x, alike) if draft.chance(50) else (alike, x), y)


def reduction(draft: Draft, name: str, x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    """Append MEAN or SUM over one to three axes."""
    rank = len(x.shape)
    if axes is None:
        some = draft.random.sample(range(rank), draft.between(1, min(3, rank)))
        axes = [axis - rank if draft.chance(30) else axis for axis in some]
    reduced = {axis % rank for axis in axes}
    keep = draft.chance(50)
    shape = [
        1 if axis in reduced else size
        for axis, size in enumerate(x.shape)
        if keep or axis not in reduced
    ]
    y = draft.like(x, shape)
    if isinstance(x.scale, float) and draft.chance(70):
        count = math.prod(x.shape[axis] for axis in reduced)
        usual = math.sqrt(count) ** (1 if name == "SUM" else -1)
        factor = draft.any(draft.ratio(), usual * draft.magnitude(0.1, 2))
        zero_point = draft.any(x.zero_point, draft.zero_point(x.dtype))
        y = replace(y, scale=x.scale * factor, zero_point=zero_point)
    return draft.add(name, (x, draft.constant(axes)), y, keep_dims=keep)


def unary(draft: Draft, name: str, x: Tensor) -> Tensor:
    """Append an activation of its own."""
    y = draft.like(x, x.shape)
    options: dict[str, Any] = {}
    if isinstance(x.scale, float):
        y = replace(
            y,
            scale=x.scale
            * draft.any(1.0, draft.ratio(), draft.magnitude(0.2, 5), draft.magnitude(0.01, 100)),
            zero_point=draft.zero_point(x.dtype),
        )
    if name == "LEAKY_RELU":
        options["alpha"] = draft.any(0.0, 0.01, 0.3, 1.0, 1.7, -0.5, draft.magnitude(1e-6, 8))
    if name == "RELU6" and isinstance(x.scale, float):
        y = draft.like(x, x.shape)  # codes are clipped, never rescaled
    if name in ("LOGISTIC", "TANH") and x.dtype == "int8":
        fixed = (LOGISTIC_SCALE, -128) if name == "LOGISTIC" else (TANH_SCALE, 0)
        y = replace(y, scale=fixed[0], zero_point=fixed[1])
    return draft.add(name, (x,), y, **options)


def hard_swish(draft: Draft, x: Tensor) -> Tensor:
    """Append HARD_SWISH, whose output multiplier s_in / (128 · s_out) may not exceed one."""
    assert isinstance(x.scale, float)
    scale = x.scale * draft.any(
        1.0, draft.ratio(), draft.magnitude(0.2, 2), draft.magnitude(0.01, 60)
    )
    y = replace(x, scale=scale, zero_point=draft.zero_point("int8"))
    return draft.add("HARD_SWISH", (x,), y)


def prelu(draft: Draft, x: Tensor) -> Tensor:
    """Append PRELU with one slope a channel, or one for all."""
    slopes = draft.activation(draft.any((x.shape[-1],), (1,), x.shape[1:]), x.dtype)
    slopes = replace(slopes, data=draft.content(slopes.shape, x.dtype))
    y = draft.like(x, x.shape)
    if isinstance(x.scale, float):
        scale = x.scale * draft.any(draft.ratio(), draft.magnitude(0.2, 5))
        y = replace(y, scale=scale, zero_point=draft.zero_point(x.dtype))
        slopes = replace(slopes, scale=draft.magnitude(1e-4, 0.05))
    return draft.add("PRELU", (x, slopes), y)


def softmax(draft: Draft, x: Tensor, *, wide: bool = False) -> Tensor:
    """Append SOFTMAX; int8 codes give int8, or int16 when `wide`."""
    y = draft.like(x, x.shape)
    if x.dtype == "int8":
        y = replace(y, scale=1 / 256, zero_point=-128)
        if wide:
            y = replace(y, dtype="int16", scale=1 / 65536, zero_point=-32768)
    beta = draft.any(1.0, 0.5, 10.0)
    if isinstance(x.scale, float) and draft.chance(75):
        beta = draft.magnitude(0.01, 0.2) / x.scale  # more than one class is then probable
    return draft.add("SOFTMAX", (x,), y, beta=beta)


def quantize(draft: Draft, x: Tensor, dtype: str) -> Tensor:
    """Append QUANTIZE to another type, or to other parameters of the same."""
    y = draft.activation(x.shape, dtype)
    if dtype == "int16":
        y = replace(y, zero_point=draft.any(0, 0, 0, -32768, draft.between(-999, 999)))
    if isinstance(x.scale, float):
        # An int16 step is some hundred times finer than that of an int8 code.
        finer = {"int8": 1.0, "uint8": 1.0, "int16": 1 / 200, "int32": 1 / 200}
        ratio = draft.any(
            1.0, draft.ratio(), 2.0 ** draft.between(-3, 3), draft.magnitude(0.05, 20)
        )
        y = replace(y, scale=x.scale * finer[dtype] / finer[x.dtype] * ratio)
    return draft.add("QUANTIZE", (x,), y)


def dequantize(draft: Draft, x: Tensor) -> Tensor:
    """Append DEQUANTIZE."""
    return draft.add("DEQUANTIZE", (x,), Tensor(x.shape, "float32"))
