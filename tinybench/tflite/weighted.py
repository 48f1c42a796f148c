"""Operators with weights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weighted:
    """Where an operator has weights and bias, and which axis of the weights is the channel."""

    weights: int
    bias: int
    axis: int


WEIGHTED = {
    "CONV_2D": Weighted(weights=1, bias=2, axis=0),
    "DEPTHWISE_CONV_2D": Weighted(weights=1, bias=2, axis=3),
    "FULLY_CONNECTED": Weighted(weights=1, bias=2, axis=0),
    "TRANSPOSE_CONV": Weighted(weights=1, bias=3, axis=0),
}
