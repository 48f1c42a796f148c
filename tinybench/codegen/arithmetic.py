"""TensorFlow Lite Micro's integer arithmetic, as far as it is done before the device runs.

Each function computes a constant of a kernel exactly as TFLM's `Prepare` does, including the
places where it rounds to float32 on the way.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

INT32_MAX = 2**31 - 1


def round_half_away(value: float) -> int:
    """The nearest integer, ties away from zero, as C's `round` and TFLM's `TfLiteRound`."""
    return math.floor(value + 0.5) if value >= 0 else math.ceil(value - 0.5)


def quantize_multiplier(real: float) -> tuple[int, int]:
    """(q, shift) with real ≈ q · 2^(shift - 31), q a 32-bit number of at least 2^30, or (0, 0).

    Source: tflite-micro `kernels/internal/quantization_util.cc`, `QuantizeMultiplier`.
    """
    fraction, shift = math.frexp(real)
    quantized = round_half_away(fraction * 2**31)
    if quantized == 2**31:
        quantized //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    if shift > 30:
        return INT32_MAX, 30
    return quantized, shift


def rescale(value: int, multiplier: int, shift: int) -> int:
    """`MultiplyByQuantizedMultiplier` of one 32-bit number, with its two roundings to nearest.

    The product's ties go up, those of the shift to the right away from zero.

    Source: tflite-micro `kernels/internal/common.cc`; gemmlowp `fixedpoint.h`.
    """
    left, right = max(shift, 0), max(-shift, 0)
    shifted = wrap32(value << left)
    if shifted == multiplier == -(2**31):
        return INT32_MAX >> right
    return divide_by_power(wrap32((shifted * multiplier + 2**30) >> 31), right)


def divide_by_power(value: int, exponent: int) -> int:
    """value / 2^exponent, rounded to nearest, ties away from zero."""
    if exponent == 0:
        return value
    return (value + (-1 if value < 0 else 0) + (1 << (exponent - 1))) >> exponent


def wrap32(value: int) -> int:
    """The 32-bit two's complement number of the same low bits."""
    return ((value + 2**31) & (2**32 - 1)) - 2**31


def float32(value: float) -> float:
    """`value` rounded to float32, as a Python float; infinity beyond its range."""
    with np.errstate(over="ignore"):
        return float(np.float32(value))


def activation_range(
    activation: str, scale: float, zero_point: int, low: int = -128, high: int = 127
) -> tuple[int, int]:
    """The codes that a fused activation clamps to; `scale` and `zero_point` are the output's.

    Source: tflite-micro `kernels/kernel_util.cc`, `CalculateActivationRangeQuantized`; the
    division is in float32.
    """
    bounds: dict[str, tuple[float | None, float | None]] = {
        "NONE": (None, None),
        "RELU": (0.0, None),
        "RELU6": (0.0, 6.0),
        "RELU_N1_TO_1": (-1.0, 1.0),
    }
    if activation not in bounds:
        raise ValueError(f"fused activation {activation} is not supported")
    lower, upper = bounds[activation]

    def code(value: float) -> int:
        with np.errstate(over="ignore"):
            quotient = float(np.float32(value) / np.float32(scale))
        return zero_point + round_half_away(quotient)

    return (
        low if lower is None else max(low, code(lower)),
        high if upper is None else min(high, code(upper)),
    )


def per_channel_multipliers(
    input_scale: float, weight_scales: Sequence[float], output_scale: float
) -> list[tuple[int, int]]:
    """Multipliers of a layer with weights: s_in · s_w[c] / s_out, all in double precision.

    Older TFLM rounded the product of a fully connected layer's scales to float32; the pinned one
    does not.
    """
    return [
        quantize_multiplier(float32(input_scale) * float32(scale) / float32(output_scale))
        for scale in weight_scales
    ]
