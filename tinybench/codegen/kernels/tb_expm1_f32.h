/* e^x - 1 for float32, exact near zero: for ELU and TANH.
 *
 * The reduction, the rational approximation, its coefficients and the order of operations are those
 * of fdlibm's expm1f (Copyright 1993 Sun Microsystems; permission to use, copy, modify and
 * distribute it is freely granted, provided that this notice is preserved), which glibc has, too. */
#ifndef TB_EXPM1_F32_H
#define TB_EXPM1_F32_H

#include "tb_fixed.h"

/* value * 2^exponent, where that is a normal number */
static inline float tb_scaled_f32(float value, int32_t exponent) {
  return tb_float_of_bits(tb_float_bits(value) + ((uint32_t)exponent << 23));
}

static inline float tb_expm1_f32(float x) {
  const float size = x < 0 ? -x : x;
  if (x != x || size < 2.98023224e-8f) { /* 2^-25 */
    return x;
  }
  if (x < -18.7149734f) { /* 27 ln 2 */
    return -1;
  }
  if (x > 88.7216797f) { /* the result is beyond float32 */
    return tb_float_of_bits(0x7f800000u);
  }
  int32_t k = 0;
  float c = 0;
  if (size > 0.34657359f) {
    k = size < 1.03972077f ? 1 : (int32_t)(1.4426950216f * size + 0.5f);
    k = x < 0 ? -k : k;
    const float high = x - (float)k * 6.9313812256e-1f, low = (float)k * 9.0580006145e-6f;
    x = high - low;
    c = (high - x) - low;
  }
  const float half = 0.5f * x, square = x * half;
  float r = 4.0082177293e-6f + square * -2.0109921195e-7f;
  r = -7.9365076090e-5f + square * r;
  r = 1.5873016091e-3f + square * r;
  r = 1 + square * (-3.3333335072e-2f + square * r);
  float t = 3 - r * half;
  float e = square * ((r - t) / (6 - x * t));
  if (k == 0) {
    return x - (x * e - square);
  }
  e = (x * (e - c) - c) - square;
  if (k == -1) {
    return 0.5f * (x - e) - 0.5f;
  }
  if (k == 1) {
    return x < -0.25f ? -2 * (e - (x + 0.5f)) : 1 + 2 * (x - e);
  }
  if (k <= -2 || k > 56) {
    const float y = 1 - (e - x);
    return k == 128 ? y * 2 * tb_scaled_f32(1, 127) - 1 : tb_scaled_f32(y, k) - 1;
  }
  t = tb_scaled_f32(1, -k);
  return tb_scaled_f32(k < 23 ? (1 - t) - (e - x) : (x - (e + t)) + 1, k);
}

#endif
