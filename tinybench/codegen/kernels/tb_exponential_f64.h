/* e^x in double precision, within a unit or two of the last place; for results that become floats.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2, and the series of e^r up to r^13: what follows is less than
 * 2^-57. ln 2 is taken in two parts, the first of so few bits that n times it is exact. */
#ifndef TB_EXPONENTIAL_F64_H
#define TB_EXPONENTIAL_F64_H

#include "tb_types.h"

/* 2^exponent, for exponents of normal numbers. */
static inline double tb_power_of_two_f64(int32_t exponent) {
  const uint64_t bits = (uint64_t)(uint32_t)(exponent + 1023) << 52;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline double tb_exponential_f64(double x) {
  if (x != x) {
    return x;
  }
  /* Beyond, the result is infinite or zero, as it is at these ends. */
  x = x > 710 ? 710 : x < -746 ? -746 : x;
  const int32_t n = (int32_t)(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
  const double r = x - (double)n * 0.693147180369123816490 - (double)n * 1.90821492927058770002e-10;
  double sum = 1.0 / 6227020800.0; /* 13! */
  sum = sum * r + 1.0 / 479001600.0;
  sum = sum * r + 1.0 / 39916800.0;
  sum = sum * r + 1.0 / 3628800.0;
  sum = sum * r + 1.0 / 362880.0;
  sum = sum * r + 1.0 / 40320.0;
  sum = sum * r + 1.0 / 5040.0;
  sum = sum * r + 1.0 / 720.0;
  sum = sum * r + 1.0 / 120.0;
  sum = sum * r + 1.0 / 24.0;
  sum = sum * r + 1.0 / 6.0;
  sum = sum * r + 0.5;
  sum = sum * r * r + r + 1;
  /* In two steps: denormal results are rounded once, and large ones do not overflow early. */
  const int32_t half = n / 2;
  return sum * tb_power_of_two_f64(half) * tb_power_of_two_f64(n - half);
}

#endif
