"""Constants that are computed beforehand are those that the runtime computes."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinybench.codegen.arithmetic import (
    INT32_MAX,
    activation_range,
    divide_by_power,
    float32,
    per_channel_multipliers,
    quantize_multiplier,
    rescale,
    round_half_away,
    wrap32,
)

from .builder import Op, Tensor, build
from .oracle import expected

CODES = np.arange(-128, 128, dtype=np.int8)
INT32 = st.integers(-(2**31), 2**31 - 1)
MULTIPLIERS = st.one_of(st.just(0), st.integers(2**30, 2**31 - 1))


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        *((half, half_away) for half, half_away in ((0.5, 1), (-0.5, -1), (2.5, 3), (-2.5, -3))),
        *((0.49999999, 0), (-0.49999999, 0), (1.5, 2), (-1.4999, -1), (0.0, 0), (-7.0, -7)),
        (2.0**31, 2**31),
    ],
)
def test_rounding_is_to_nearest_with_ties_away_from_zero(value: float, rounded: int) -> None:
    assert round_half_away(value) == rounded


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_no_number_is_not_rounded(value: float) -> None:
    with pytest.raises((OverflowError, ValueError)):
        round_half_away(value)


@pytest.mark.parametrize(
    ("real", "multiplier"),
    [
        (0.0, (0, 0)),
        (1.0, (2**30, 1)),
        (0.5, (2**30, 0)),
        (0.75, (3 * 2**29, 0)),
        pytest.param(1 - 2.0**-40, (2**30, 1), id="rounds up to the next power"),
        pytest.param(1 - 2.0**-31, (2**31 - 1, 0), id="largest fraction"),
        pytest.param(2.0**-32, (2**30, -31), id="smallest shift"),
        pytest.param(2.0**-33, (0, 0), id="too small"),
        pytest.param(2.0**-32 * (1 - 2.0**-40), (2**30, -31), id="rounds up to the smallest"),
        pytest.param(2.0**29, (2**30, 30), id="largest shift"),
        pytest.param(2.0**30, (INT32_MAX, 30), id="too large"),
        pytest.param(1e300, (INT32_MAX, 30), id="much too large"),
        pytest.param(5e-324, (0, 0), id="denormal"),
    ],
)
def test_multiplier_at_the_ends(real: float, multiplier: tuple[int, int]) -> None:
    assert quantize_multiplier(real) == multiplier


@given(st.floats(2.0**-31, 2.0**29))
def test_multiplier_is_the_nearest_of_31_bits(real: float) -> None:
    quantized, shift = quantize_multiplier(real)

    unit = Fraction(2) ** (shift - 31)
    assert 2**30 <= quantized < 2**31
    assert abs(Fraction(real) - quantized * unit) <= unit / 2


@given(INT32, MULTIPLIERS, st.integers(-31, 30))
def test_rescaling_rounds_twice_as_gemmlowp_does(value: int, multiplier: int, shift: int) -> None:
    """`SaturatingRoundingDoublingHighMul`, then `RoundingDivideByPOT`, as their C code divides."""
    left, right = max(shift, 0), max(-shift, 0)
    product = wrap32(value << left) * multiplier
    nudged = product + (2**30 if product >= 0 else 1 - 2**30)
    high = abs(nudged) // 2**31 * (1 if nudged >= 0 else -1)
    mask = 2**right - 1
    threshold = (mask >> 1) + (high < 0)

    assert rescale(value, multiplier, shift) == (high >> right) + ((high & mask) > threshold)


@pytest.mark.parametrize(
    ("value", "shift", "result"),
    [
        # A half times 2^shift, whose products are exact: only the second rounding decides.
        *((6, -1, 2), (-6, -1, -2), (2, -1, 1), (-2, -1, -1), (10, -2, 1), (-10, -2, -1)),
        # And only the first: its ties go up.
        *((1, 0, 1), (-1, 0, 0), (3, 0, 2), (-3, 0, -1)),
        *((INT32_MAX, 0, 2**30), (-(2**31), 0, -(2**30)), (-(2**31), -31, -1), (2**30, -31, 0)),
    ],
)
def test_ties_of_rescaling(value: int, shift: int, result: int) -> None:
    assert rescale(value, 2**30, shift) == result


@given(INT32, st.integers(0, 31))
def test_division_by_a_power_rounds_ties_away_from_zero(value: int, exponent: int) -> None:
    exact = Fraction(value, 2**exponent)
    sign = -1 if value < 0 else 1

    assert divide_by_power(value, exponent) == sign * math.floor(abs(exact) + Fraction(1, 2))


@given(st.integers(-(2**80), 2**80))
def test_wrapping_keeps_the_low_bits(value: int) -> None:
    assert -(2**31) <= wrap32(value) < 2**31
    assert (wrap32(value) - value) % 2**32 == 0


@given(st.floats(allow_nan=False))
def test_float32_is_numpys(value: float) -> None:
    with np.errstate(over="ignore"):
        assert float32(value) == float(np.array([value]).astype(np.float32)[0])


RATIOS = [(0.05, 0.033), (0.02, 0.11), (0.1, 0.05), (0.3, 1.2), (0.07, 0.0006), (1e-4, 0.5)]


@pytest.mark.parametrize(("source", "target"), RATIOS)
@pytest.mark.parametrize("zero_points", [(0, 0), (-128, 127), (5, -3)])
def test_rescaling_is_the_runtimes_on_every_code(
    source: float, target: float, zero_points: tuple[int, int]
) -> None:
    """The runtime's QUANTIZE of codes to codes of another scale is nothing else."""
    x, y = Tensor((256,), "int8", source, zero_points[0]), Tensor((256,), "int8", target)
    y = Tensor((256,), "int8", target, zero_points[1])
    [answer] = expected(build([x], [Op("QUANTIZE", [x], [y])], [y]), [CODES])

    multiplier = quantize_multiplier(float32(source) / float32(target))
    mine = [rescale(int(code) - zero_points[0], *multiplier) + zero_points[1] for code in CODES]

    assert np.clip(mine, -128, 127).tolist() == answer.tolist()


@pytest.mark.parametrize("activation", ["NONE", "RELU", "RELU6", "RELU_N1_TO_1"])
@pytest.mark.parametrize(
    ("scale", "zero_point"),
    [(0.05, 0), (0.05, -128), (0.1, 127), (1.0, 3), (0.0235294122, -128), (4.0, 9), (2.0, -2)],
)
def test_activations_clamp_to_the_runtimes_range(
    activation: str, scale: float, zero_point: int
) -> None:
    """Seen through a pool of single elements."""
    x, y = (Tensor((1, 16, 16, 1), "int8", scale, zero_point) for _ in range(2))
    options = {"padding": "VALID", "stride_h": 1, "stride_w": 1}
    options |= {"filter_height": 1, "filter_width": 1, "fused_activation_function": activation}
    pool = Op("MAX_POOL_2D", [x], [y], **options)  # type: ignore[arg-type]  # options, not bare

    [answer] = expected(build([x], [pool], [y]), [CODES.reshape(x.shape)])

    assert activation_range(activation, scale, zero_point) == (answer.min(), answer.max())


def test_unknown_activation_is_an_error() -> None:
    with pytest.raises(ValueError, match="fused activation TANH is not supported"):
        activation_range("TANH", 0.5, 0)


def test_products_of_scales_are_not_rounded_to_float32() -> None:
    scales = (0.0117231, 0.00731, 0.33)
    exact = [Fraction(float32(scale)) for scale in scales]

    [found] = per_channel_multipliers(scales[0], [scales[1]], scales[2])

    assert found == quantize_multiplier(float(exact[0] * exact[1] / exact[2]))
    assert found != quantize_multiplier(float32(scales[0] * scales[1]) / float32(scales[2]))
