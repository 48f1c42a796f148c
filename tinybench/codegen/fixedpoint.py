"""gemmlowp's fixed-point functions, with which TFLM computes exp, logistic, tanh and 1/(1 + x).

Values are raw 32-bit numbers; Qm.n has m integer bits, a sign and n = 31 - m fractional bits. The
constants and the order of operations are those of gemmlowp `fixedpoint/fixedpoint.h`, Copyright
2015 The Gemmlowp Authors, Apache License 2.0: every rounding counts for equality of bytes.
"""

from __future__ import annotations

from tinybench.codegen.arithmetic import INT32_MAX, divide_by_power, rescale, wrap32

ONE = INT32_MAX
"""1.0 in Q0.31, as gemmlowp saturates it."""

EXP_MINUS_1_8 = 1895147668
ONE_THIRD = 715827883
FACTORS = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
"""exp(-2^k) in Q0.31 for k from -2 to 4."""

CONSTANT_48_17 = 1515870810
CONSTANT_NEG_32_17 = -1010580540


def high_multiply(a: int, b: int) -> int:
    """a · b / 2^31, rounded: a product of fixed-point numbers."""
    return rescale(a, b, 0)


def shift_left(value: int, bits: int) -> int:
    """value · 2^bits, saturating."""
    return min(max(value << bits, -(2**31)), INT32_MAX)


def exp_on_negative(value: int, integer_bits: int) -> int:
    """exp(x) in Q0.31 for x <= 0 with up to 5 integer bits."""
    if value == 0:
        return ONE
    fraction = 31 - integer_bits
    quarter = 1 << (fraction - 2)
    low = (value & (quarter - 1)) - quarter
    result = _exp_below_quarter(shift_left(low, integer_bits))
    remainder = low - value
    for k, factor in zip(range(-2, integer_bits), FACTORS, strict=False):
        if remainder >> (fraction + k) & 1:
            result = high_multiply(result, factor)
    return result


def _exp_below_quarter(value: int) -> int:
    """exp(x) in Q0.31 for x in [-1/4, 0): a Taylor series about -1/8."""
    x = value + (1 << 28)
    x2 = high_multiply(x, x)
    x3, x4 = high_multiply(x2, x), high_multiply(x2, x2)
    third = high_multiply(divide_by_power(x4, 2) + x3, ONE_THIRD)
    series = x + divide_by_power(third + x2, 1)
    return wrap32(EXP_MINUS_1_8 + high_multiply(EXP_MINUS_1_8, series))


def _half_of_inverse(value: int) -> int:
    """2 / (1 + x) in Q2.29 for x in [0, 1] of Q0.31, by three Newton steps."""
    total = value + ONE
    half = (total + 1) // 2  # gemmlowp's RoundingHalfSum; the sum is not negative
    x = CONSTANT_48_17 + high_multiply(half, CONSTANT_NEG_32_17)
    for _ in range(3):
        error = (1 << 29) - high_multiply(half, x)
        x += shift_left(high_multiply(x, error), 2)
    return x


def logistic(value: int, integer_bits: int) -> int:
    """1 / (1 + exp(-x)) in Q0.31."""
    if value == 0:
        return 1 << 30
    positive = shift_left(_half_of_inverse(exp_on_negative(-abs(value), integer_bits)), 1)
    return positive if value > 0 else ONE - positive


def tanh(value: int, integer_bits: int) -> int:
    """tanh(x) in Q0.31."""
    doubled = exp_on_negative(-abs(value), integer_bits + 1)
    positive = shift_left(_half_of_inverse(doubled) - (1 << 29), 2)
    return 0 if value == 0 else positive if value > 0 else -positive


def inverse_root(number: int) -> tuple[int, int]:
    """1 / square root of an integer, as multiplier in Q0.31 and shift to the left.

    Source: tflite-micro `kernels/internal/common.h`, `GetInvSqrtQuantizedMultiplierExp`; five
    Newton steps from 1 in Q3.28.
    """
    if number <= 1:
        return INT32_MAX, 0
    shift = -11
    while number >= 1 << 29:
        number, shift = number // 4, shift - 1
    while number < 1 << 27:
        number, shift = number * 4, shift + 1
    half, x = divide_by_power(number >> 1, 1), 1 << 28
    for _ in range(5):
        cube = shift_left(high_multiply(high_multiply(x, x), x), 6)
        x = shift_left(high_multiply(3 << 27, x) - high_multiply(half, cube), 3)
    return wrap32(high_multiply(x, 1518500250) << max(shift, 0)), min(shift, 0)
