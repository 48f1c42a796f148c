"""Models of one float32 or int16 operator each, beyond those that `strategies` draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from platform import libc_ver
from typing import Any

import numpy as np

from . import elementwise, elementwise_families, layers, spatial_families
from .builder import Tensor
from .draft import Draft

EVERY_CODE = np.arange(-(2**15), 2**15).astype(np.int16)


def image(draft: Draft, dtype: str, channels: int = 6) -> Tensor:
    size = (draft.between(1, 7), draft.between(1, 7))
    return draft.input((draft.any(1, 1, 2), *size, draft.between(1, channels)), dtype)


def any_shape(draft: Draft, dtype: str) -> Tensor:
    return draft.input(draft.shape(draft.between(1, 4)), dtype)


def function(name: str, elements: int = 120) -> Callable[[Draft], Tensor]:
    """A float function of one element, without options."""
    return lambda draft: draft.add(
        name, (draft.input((elements,), "float32"),), Tensor((elements,), "float32")
    )


def unary(name: str, dtype: str) -> Callable[[Draft], Tensor]:
    return lambda draft: elementwise.unary(draft, name, draft.input((2, 64), dtype))


def binary(name: str, dtype: str = "float32") -> Callable[[Draft], Tensor]:
    """An operator with two operands and a fused activation."""
    return lambda draft: elementwise.binary(draft, name, any_shape(draft, dtype))


def plain(name: str) -> Callable[[Draft], Tensor]:
    """A float operator with two operands and nothing fused."""

    def draw(draft: Draft) -> Tensor:
        made = elementwise.binary(draft, "ADD", any_shape(draft, "float32"))
        return draft.add(name, draft.ops.pop().inputs, made)

    return draw


def reduction(name: str, dtype: str) -> Callable[[Draft], Tensor]:
    return lambda draft: elementwise.reduction(draft, name, any_shape(draft, dtype))


def pool(name: str, dtype: str) -> Callable[[Draft], Tensor]:
    return lambda draft: layers.pool_2d(draft, image(draft, dtype), name)


def dense(dtype: str) -> Callable[[Draft], Tensor]:
    return lambda draft: layers.fully_connected(
        draft, draft.input((draft.between(1, 3), draft.between(1, 40)), dtype)
    )


def softmax_int16(draft: Draft) -> Tensor:
    made = elementwise.softmax(draft, draft.input((3, draft.between(1, 12)), "int16"))
    op = draft.ops[-1]
    op.outputs = (replace(made, scale=2.0**-15, zero_point=0),)
    return op.outputs[0]


def short_bias(layer: Callable[[Draft], Tensor]) -> Callable[[Draft], Tensor]:
    """The layer with biases of 32 bits: the runtime then rounds twice."""

    def draw(draft: Draft) -> Tensor:
        made = layer(draft)
        op = draft.ops[-1]
        values = draft.rng.integers(-99999, 99999, made.shape[-1])
        scales = [t.scale for t in op.inputs if t is not None]
        assert isinstance(scales[0], float)
        product = scales[0] * float(np.atleast_1d(np.asarray(scales[1]))[0])
        bias = Tensor(values.shape, "int32", product, data=values)
        op.inputs = (*op.inputs[:2], bias)
        return made

    return draw


def conv(dtype: str) -> Callable[[Draft], Tensor]:
    return lambda draft: layers.conv_2d(draft, image(draft, dtype))


def depthwise(dtype: str) -> Callable[[Draft], Tensor]:
    return lambda draft: layers.depthwise_conv_2d(draft, image(draft, dtype))


def grouped(draft: Draft) -> Tensor:
    """Two groups of output channels that see two input channels each."""
    x = draft.input((1, 5, 4, 4), "float32")
    weights = Tensor((10, 3, 2, 2), "float32", data=draft.content((10, 3, 2, 2), "float32"))
    options: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 2}
    return draft.add("CONV_2D", (x, weights, None), Tensor((1, 3, 2, 10), "float32"), **options)


def table(name: str, scale: float) -> Callable[[Draft], Tensor]:
    """Every int16 code, through one of the functions that the runtime has a table of."""

    def draw(draft: Draft) -> Tensor:
        draft.inputs.append(Tensor(EVERY_CODE.shape, "int16", scale))
        made = Tensor(EVERY_CODE.shape, "int16", 2.0**-15)
        return draft.add(name, (draft.inputs[0],), made)

    return draw


TABLES: dict[str, Callable[[Draft], Tensor]] = {
    f"{name.lower()}_int16_{scale:.2g}": table(name, scale)
    for name in ("LOGISTIC", "TANH")
    for scale in (2.0**-12, 2.0**-11, 3e-4, 0.01)
}
EXACT: dict[str, Callable[[Draft], Tensor]] = {
    "fully_connected": dense("float32"),
    "conv_2d": conv("float32"),
    "conv_2d_groups": grouped,
    **spatial_families.FLOATS,
    "depthwise_conv_2d": depthwise("float32"),
    "average_pool_2d": pool("AVERAGE_POOL_2D", "float32"),
    "max_pool_2d": pool("MAX_POOL_2D", "float32"),
    **{name.lower(): binary(name) for name in ("ADD", "SUB", "MUL")},
    **{name.lower(): plain(name) for name in ("DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE")},
    "prelu": lambda draft: elementwise.prelu(draft, image(draft, "float32")),
    **{name.lower(): unary(name, "float32") for name in ("RELU", "RELU6", "LEAKY_RELU")},
    **{
        name.lower(): function(name)
        for name in ("HARD_SWISH", "ABS", "NEG", "SQUARE", "SQRT", "RSQRT")
    },
    "mean": reduction("MEAN", "float32"),
    "sum": reduction("SUM", "float32"),
    **elementwise_families.FLOATS,
    "fully_connected_int16": dense("int16"),
    "fully_connected_int16_short_bias": short_bias(dense("int16")),
    "conv_2d_int16": conv("int16"),
    "conv_2d_int16_short_bias": short_bias(conv("int16")),
    "depthwise_conv_2d_int16": depthwise("int16"),
    "average_pool_2d_int16": pool("AVERAGE_POOL_2D", "int16"),
    "max_pool_2d_int16": pool("MAX_POOL_2D", "int16"),
    **{f"{name.lower()}_int16": binary(name, "int16") for name in ("ADD", "SUB", "MUL")},
    **{f"{name.lower()}_int16": unary(name, "int16") for name in ("RELU", "RELU6", "LEAKY_RELU")},
    "mean_int16": reduction("MEAN", "int16"),
    "sum_int16": reduction("SUM", "int16"),
    "softmax_int16": softmax_int16,
    **TABLES,
}
# The largest difference in units in the last place: none where the runtime's functions are those
# of glibc before 2.41, which ours repeat; other libraries round a few numbers otherwise.
LIBRARY, _, VERSION = " ".join(libc_ver()).partition(" ")
UNITS = 0 if LIBRARY == "glibc" and [int(n) for n in VERSION.split(".")] < [2, 41] else 4
SOFT = max(UNITS, 1)
"""A compiler's division without a floating-point unit cuts denormal quotients off."""
NEAR: dict[str, tuple[Callable[[Draft], Tensor], int]] = {
    **{name.lower(): (function(name), UNITS) for name in ("EXP", "LOGISTIC", "TANH")},
    "softmax": (lambda d: elementwise.softmax(d, d.input((3, d.between(1, 12)), "float32")), SOFT),
    **{name: (family, UNITS) for name, family in elementwise_families.LIBRARY.items()},
}
