/* Numbers in 64-bit fixed point, for functions that a device has no library for.
 *
 * A real number x stands as x * 2^62. The functions are the sums that glibc (its flt-32, by Arm
 * Limited) computes in double, with its coefficients, so that they round to the same float32: that
 * is what TFLM gives on a computer. Here products of 32 bits do it, which a processor without
 * floating point has, too. */
#ifndef TB_FIXED_H
#define TB_FIXED_H

#include "tb_types.h"

#define TB_FIXED_ONE ((int64_t)1 << 62)

/* a * b, for numbers below 2 whose product is, too. */
static inline int64_t tb_fixed_multiply(int64_t a, int64_t b) {
  const uint32_t a_low = (uint32_t)a, b_low = (uint32_t)b;
  const int64_t a_high = a >> 32, b_high = b >> 32;
  const int64_t low = (int64_t)(((uint64_t)a_low * b_low) >> 32);
  const int64_t first = a_high * b_low + low;
  const int64_t second = b_high * a_low + (int64_t)(uint32_t)first;
  return (a_high * b_high + (first >> 32) + (second >> 32)) * 4;
}

static inline uint32_t tb_float_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float tb_float_of_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* The float32 next to value / 2^places, ties to even. */
static inline float tb_fixed_to_float(int64_t value, int32_t places) {
  const uint32_t sign = value < 0 ? 0x80000000u : 0;
  uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  if (rest == 0) {
    return 0;
  }
  int32_t exponent = 63 + 127 - places; /* as float32 has it, of the highest bit */
  if (!(rest >> 32)) {
    rest <<= 32;
    exponent -= 32;
  }
  TB_ROLLED
  while (!(rest >> 63)) {
    rest <<= 1;
    exponent--;
  }
  if (exponent > 254) {
    return tb_float_of_bits(sign | 0x7f800000u);
  }
  TB_ROLLED
  while (exponent < 1) { /* a denormal number has fewer bits; the last one tells if some are lost */
    rest = rest >> 1 | (rest & 1);
    exponent++;
    if (rest <= 1) {
      break;
    }
  }
  uint32_t kept = (uint32_t)(rest >> 40);
  const uint64_t lost = rest & (((uint64_t)1 << 40) - 1);
  kept += (uint32_t)((lost + (((uint64_t)1 << 39) - 1) + (kept & 1)) >> 40);
  const uint32_t above = exponent < 1 ? 0 : (uint32_t)(exponent - 1) << 23;
  return tb_float_of_bits(sign | (above + kept));
}

#endif
