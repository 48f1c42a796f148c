"""Networks of two to six layers: what a planner of memory and a fuser of operators get wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .builder import Tensor
from .draft import Draft
from .elementwise import binary, dequantize, hard_swish, quantize, reduction, softmax, unary
from .layers import conv_2d, depthwise_conv_2d, fully_connected, pool_2d
from .shapes import concatenation, pad, reshape, split, strided_slice

Family = Callable[[Draft], Tensor | Sequence[Tensor]]

POOL_3X3: dict[str, Any] = {
    "padding": "SAME",
    "stride_h": 1,
    "stride_w": 1,
    "filter_height": 3,
    "filter_width": 3,
}


def image(draft: Draft, dtype: str = "int8", channels: int = 4) -> Tensor:
    """Return an input of a small image."""
    height, width = draft.between(3, 7), draft.between(3, 7)
    return draft.input((1, height, width, draft.between(1, channels)), dtype)


def residual(draft: Draft) -> Tensor:
    """Draw two convolutions around which the input is added."""
    x = image(draft)
    y = conv_2d(draft, x, draft.between(1, 6), same=True)
    y = conv_2d(draft, y, x.shape[3], same=True)
    return binary(draft, "ADD", y, x)


def classifier(draft: Draft) -> tuple[Tensor, ...]:
    """Draw convolution, depthwise convolution, pool, dense layer and softmax.

    What goes into softmax is an output too: it tells more than the probabilities.
    """
    x = conv_2d(draft, image(draft), kernel=(3, 3), same=True)
    x = depthwise_conv_2d(draft, x, 1, tight=True)
    if draft.chance(50):
        x = reduction(draft, "MEAN", x, (1, 2))
    else:
        x = pool_2d(draft, x, draft.any("AVERAGE_POOL_2D", "MAX_POOL_2D"))
    x = reshape(draft, x, (1, math.prod(x.shape)))
    scores = fully_connected(draft, x, draft.between(2, 10), tight=True)
    return softmax(draft, scores), scores


def branches(draft: Draft) -> tuple[Tensor, ...]:
    """Draw two or three branches that meet in CONCATENATION; one may be an output as well."""
    x = image(draft)
    first = conv_2d(draft, x, same=True, kernel=(1, 1))
    parts = [first, draft.like(first, first.shape)]
    draft.add("MAX_POOL_2D", (first,), parts[1], **POOL_3X3)
    if draft.chance(50):
        parts.append(unary(draft, "RELU6", first))
    joined = concatenation(draft, parts, draft.any(3, -1))
    return (joined, first) if draft.chance(30) else (conv_2d(draft, joined, same=True),)


def perceptron(draft: Draft, dtype: str = "int8") -> Tensor:
    """Draw two or three dense layers."""
    x = draft.input((draft.between(1, 3), draft.between(1, 20)), dtype)
    for _ in range(draft.between(2, 3)):
        x = fully_connected(draft, x, tight=True)
    return x


def perceptron_int16(draft: Draft) -> Tensor:
    """Draw dense layers on 16-bit activations."""
    return perceptron(draft, "int16")


def float_edges(draft: Draft) -> Tensor:
    """Draw an int8 network whose input and output are floats."""
    x = quantize(draft, image(draft, "float32"), "int8")
    x = conv_2d(draft, x, same=True)
    return dequantize(draft, hard_swish(draft, x) if draft.chance(50) else x)


def gate(draft: Draft) -> Tensor:
    """Draw channels that a dense layer on their means scales: broadcasting on both operands."""
    x = image(draft)
    means = reduction(draft, "MEAN", x, (1, 2))
    means = reshape(draft, means, (1, x.shape[3]))
    weights = unary(draft, "LOGISTIC", fully_connected(draft, means, x.shape[3], tight=True))
    return binary(draft, "MUL", x, reshape(draft, weights, (1, 1, 1, x.shape[3])))


def shuffle(draft: Draft) -> Tensor:
    """Draw a split whose halves go different ways and come back in turn, then a slice."""
    height, width, half = draft.between(3, 6), draft.between(3, 6), draft.between(1, 3)
    x = draft.input((1, height, width, 2 * half))
    left, right = split(draft, x, draft.any(3, -1), 2)
    pooled = draft.like(right, right.shape)
    draft.add("AVERAGE_POOL_2D", (right,), pooled, **POOL_3X3)
    joined = concatenation(draft, (pooled, left), 3)
    return pad(draft, strided_slice(draft, joined), "PAD")


def separable(draft: Draft) -> Tensor:
    """Draw PAD, a depthwise convolution and a pointwise one, as mobile networks have them."""
    x = pad(draft, image(draft), "PAD")
    x = depthwise_conv_2d(draft, x, 1, tight=True)
    x = conv_2d(draft, x, same=True, kernel=(1, 1))
    return reduction(draft, "MEAN", x, (1, 2))


def floats(draft: Draft) -> Tensor:
    """Draw a small network in float32."""
    x = conv_2d(draft, image(draft, "float32"), kernel=(3, 3))
    x = depthwise_conv_2d(draft, x, 1)
    x = reduction(draft, "MEAN", x, (1, 2))
    return fully_connected(draft, reshape(draft, x, (1, x.shape[-1])))


GRAPHS: dict[str, Family] = {
    "graph_branches": branches,
    "graph_classifier": classifier,
    "graph_float32": floats,
    "graph_float_edges": float_edges,
    "graph_gate": gate,
    "graph_perceptron": perceptron,
    "graph_perceptron_int16": perceptron_int16,
    "graph_residual": residual,
    "graph_separable": separable,
    "graph_shuffle": shuffle,
}
