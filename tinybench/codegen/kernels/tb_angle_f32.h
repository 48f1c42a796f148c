/* Sine and cosine as glibc's sinf and cosf have them, without a library.
 *
 * x = n pi / 2 + r with |r| <= pi / 4, exact enough for every x, then a polynomial of r, in 64-bit
 * fixed point; see tb_fixed.h. */
#ifndef TB_ANGLE_F32_H
#define TB_ANGLE_F32_H

#include "tb_fixed.h"

/* The bits of 4 / pi, each word a byte further. */
static const uint32_t tb_four_over_pi[24] = {
    0xa2,       0xa2f9,     0xa2f983,   0xa2f9836e, 0xf9836e4e, 0x836e4e44,
    0x6e4e4415, 0x4e441529, 0x441529fc, 0x1529fc27, 0x29fc2757, 0xfc2757d1,
    0x2757d1f5, 0x57d1f534, 0xd1f534dd, 0xf534ddc0, 0x34ddc0db, 0xddc0db62,
    0xc0db6295, 0xdb629599, 0x6295993c, 0x95993c43, 0x993c4390, 0x3c439041};

#define TB_HALF_PI INT64_C(0x6487ed5110b46000)

/* r of |x|, whose bits these are; *n is counted up to 4 at least. */
static inline int64_t tb_angle_rest(uint32_t bits, uint32_t *n) {
  const uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  const int32_t exponent = (int32_t)(bits >> 23) - 127;
  if (bits < 0x3f490fdbu) { /* pi / 4 */
    *n = 0;
    return exponent < -12 ? 0 : (int64_t)mantissa << (39 + exponent);
  }
  if (bits < 0x42f00000u) { /* 120 */
    /* 2 / pi in 32 places; n is rounded at 24, as there. */
    const uint64_t turns = ((uint64_t)mantissa * 0xa2f9836eu >> 31) << (exponent + 1);
    *n = (uint32_t)((turns >> 1) + 0x800000u) >> 24;
    const int64_t whole = (int64_t)*n * (TB_HALF_PI >> 6);
    return (((int64_t)mantissa << (33 + exponent)) - whole) * 64;
  }
  const uint32_t *words = tb_four_over_pi + (bits >> 26 & 15);
  const uint32_t shifted = mantissa << (bits >> 23 & 7);
  const uint64_t low = (uint64_t)shifted * words[8];
  uint64_t turns = ((uint64_t)(shifted * words[0]) << 32) | low >> 32;
  turns += (uint64_t)shifted * words[4];
  const uint64_t quarters = (turns + ((uint64_t)1 << 61)) >> 62;
  *n = (uint32_t)quarters;
  return tb_fixed_multiply((int64_t)(turns - (quarters << 62)), TB_HALF_PI);
}

/* The sine of x, or of x + pi / 2, which is its cosine, if `quarters` is 1. */
static inline float tb_sine_f32(float x, uint32_t quarters) {
  const uint32_t bits = tb_float_bits(x), size = bits & 0x7fffffffu;
  if (size >= 0x7f800000u) {
    return x - x; /* no number */
  }
  if (size < 0x39800000u) { /* 2^-12 */
    return quarters ? 1 : x;
  }
  uint32_t n;
  const int64_t r = tb_angle_rest(size, &n);
  const int64_t square = tb_fixed_multiply(r, r);
  int64_t y;
  if ((n + quarters) & 1) {
    y = tb_fixed_multiply(INT64_C(0x664d0c09efe3), square) - INT64_C(0x16c087e89a359d);
    y = tb_fixed_multiply(y, square) + INT64_C(0x2aaaa7c20d1e320);
    y = tb_fixed_multiply(y, square) - INT64_C(0x1ffffffd0c621c00);
    y = tb_fixed_multiply(y, square) + TB_FIXED_ONE;
  } else {
    y = tb_fixed_multiply(-INT64_C(0x3329d66ee99e4), square) + INT64_C(0x8883b029185e20);
    y = tb_fixed_multiply(y, square) - INT64_C(0xaaaaa2ccad30180);
    y = tb_fixed_multiply(y, tb_fixed_multiply(square, r)) + r;
  }
  const uint32_t negative = (n + quarters) >> 1 & 1;
  /* A sine has the sign of its angle, a cosine has not. */
  y = negative != (quarters ? 0 : bits >> 31) ? -y : y;
  return tb_fixed_to_float(y, 62);
}

#endif
