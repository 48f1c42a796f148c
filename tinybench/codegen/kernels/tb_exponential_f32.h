/* e^x without a library, for logistic, tanh and softmax.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 is taken in two parts, the first of so few bits that n
 * times it is exact. e^r is 1 + r + r^2 P(r) with P of degree 5, whose coefficients are those of
 * Cephes' expf (S. Moshier, netlib.org/cephes). The largest error is stated where it is tested. */
#ifndef TB_EXPONENTIAL_F32_H
#define TB_EXPONENTIAL_F32_H

#include "tb_types.h"

/* 2^exponent, for exponents of normal numbers. */
static inline float tb_power_of_two_f32(int32_t exponent) {
  const uint32_t bits = (uint32_t)(exponent + 127) << 23;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline float tb_exponential_f32(float x) {
  if (x != x) {
    return x;
  }
  /* Beyond, the result is infinite or zero, as it is at these ends. */
  x = x > 89 ? 89 : x < -104 ? -104 : x;
  const int32_t n = (int32_t)(x * 1.44269504f + (x < 0 ? -0.5f : 0.5f));
  const float r = x - (float)n * 0.693359375f - (float)n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = (p * r * r + r) + 1;
  /* In two steps: denormal results are rounded once, and large ones do not overflow early. */
  const int32_t half = n / 2;
  return p * tb_power_of_two_f32(half) * tb_power_of_two_f32(n - half);
}

#endif
