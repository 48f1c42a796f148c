"""Quantizing rounds half away from zero and clips, as the device does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinybench.tflite.quantize import dequantize, quantize


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.5, 1),
        (-0.5, -1),
        (1.5, 2),
        (2.5, 3),
        (-2.5, -3),
        (0.49999997, 0),
        (1.4999999, 1),
        (0, 0),
        (1e9, 127),
        (-1e9, -128),
    ],
)
def test_rounds_half_away_and_clips(value: float, code: int) -> None:
    """Neither truncation nor rounding to even."""
    codes, _ = quantize([value], 1.0, 0, np.int8)

    assert codes.tolist() == [code]


def test_counts_saturated_values() -> None:
    """Values are clipped only beyond the last code's rounding range."""
    codes, saturated = quantize([127.4, 127.6, -128.4, -128.6, 0], 1.0, 0, np.int8)

    assert codes.tolist() == [127, 127, -128, -128, 0]
    assert saturated == 2


def test_zero_point_is_added_after_rounding() -> None:
    """q = round(x / s) + z: a half goes away from zero, not away from the zero point."""
    codes, _ = quantize([-0.5, 0.5], 1.0, -3, np.int8)

    assert codes.tolist() == [-4, -2]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_refuses_what_is_no_number(value: float) -> None:
    with pytest.raises(ValueError, match="cannot quantize NaN or infinity"):
        quantize([value], 1.0, 0, np.int8)


@given(
    scale=st.floats(2**-20, 2**20, width=32),
    zero_point=st.integers(-128, 127),
)
def test_every_code_survives(scale: float, zero_point: int) -> None:
    """Quantizing a dequantized code gives the code, for all 256."""
    codes = np.arange(-128, 128).astype(np.int8)

    again, saturated = quantize(dequantize(codes, scale, zero_point), scale, zero_point, np.int8)

    assert again.tolist() == codes.tolist()
    assert saturated == 0


def test_truncating_would_be_worse() -> None:
    """The tutorials' helper truncates; on a sine's inputs that doubles the input's error."""
    x = np.linspace(0, 6.28, 1000, dtype=np.float32)
    scale, zero_point = 6.28 / 255, -128
    truncated = (x / scale + zero_point).astype(np.int8)

    rounded, _ = quantize(x, scale, zero_point, np.int8)

    errors = [np.abs(dequantize(q, scale, zero_point) - x).mean() for q in (rounded, truncated)]
    assert errors[1] > 1.9 * errors[0]
