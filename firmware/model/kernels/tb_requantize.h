/* From a 32-bit accumulator to an int8 code: gemmlowp's two roundings, as TFLM applies them.
 *
 * The generator defines, for the whole model:
 *   TB_NARROW           every accumulator is below 2^30 in magnitude and every multiplier below one
 *                       half; a scale's shift is then the right shift - 1, and `offset` is
 *                       2 * zero point + 1
 * and for each kernel that it calls:
 *   TB_<kernel>_RANGE   what all its activation ranges have in common, TB_RANGE_...
 * Without TB_NARROW a scale's shift is the exponent itself, positive to the left, and `offset` the
 * zero point. */
#ifndef TB_REQUANTIZE_H
#define TB_REQUANTIZE_H

#include "tb_types.h"

#define TB_RANGE_ANY 0
#define TB_RANGE_INT8 1      /* from -128 to 127 */
#define TB_RANGE_RECTIFIED 2 /* from the zero point to 127 */

struct tb_requantize {
  const int32_t *scales; /* multiplier in Q0.31 and shift, a pair for each channel */
  int32_t offset;
  int32_t low, high; /* the activation's range, in codes */
};

/* round(a * b / 2^31), ties upwards, as gemmlowp's SaturatingRoundingDoublingHighMul. */
static inline int32_t tb_high_multiply(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* The same for an `a` that can be doubled: one instruction. It is not left to the compiler, which
 * knows it, but then computes the product twice to fold in the addition that follows. */
static inline int32_t tb_narrow_multiply(int32_t a, int32_t b) {
#if defined(__ARM_FEATURE_DSP)
  __asm__("smmulr %0, %1, %2" : "=r"(a) : "r"((uint32_t)a << 1), "r"(b));
  return a;
#else
  return tb_high_multiply(a, b);
#endif
}

/* round(x / 2^exponent), ties away from zero; exponent from 0 to 31. */
static inline int32_t tb_divide_by_power(int32_t x, int32_t exponent) {
  const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1);
  const int32_t threshold = (mask >> 1) + (x < 0);
  return (x >> exponent) + ((x & mask) > threshold);
}

/* TFLM's MultiplyByQuantizedMultiplier. */
static inline int32_t tb_rescale(int32_t x, int32_t multiplier, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  const int32_t right = shift > 0 ? 0 : -shift;
  x = (int32_t)((uint32_t)x << left);
  return tb_divide_by_power(tb_high_multiply(x, multiplier), right);
}

static inline int8_t tb_requantize(int32_t x, int32_t multiplier, int32_t shift,
                                   const struct tb_requantize *r, int range) {
#if TB_NARROW
  /* Then floor((floor(x / 2^shift) + 1) / 2) is the second rounding, x being less by one if
   * negative; the zero point is added before the last shift. What is to be rectified is 0 before
   * the zero point is added. */
  x = tb_narrow_multiply(x, multiplier);
  x = range == TB_RANGE_RECTIFIED ? x & ~(x >> 31) : x + (x >> 31);
  x = (x >> shift) + r->offset;
#if defined(__ARM_FEATURE_SAT)
  if (range != TB_RANGE_ANY) {
    return (int8_t)(int32_t)__builtin_arm_ssat(x >> 1, 8);
  }
#endif
  x >>= 1;
#else
  x = tb_rescale(x, multiplier, shift);
  x = (range == TB_RANGE_RECTIFIED ? x & ~(x >> 31) : x) + r->offset;
#endif
  if (range != TB_RANGE_ANY) {
    return (int8_t)tb_clamp(x, -128, 127);
  }
  return (int8_t)tb_clamp(x, r->low, r->high);
}

/* Requantize the sums of a block of four channels, the first `channels` of them, with the pairs at
 * `scales`; return the output's end. */
static inline int8_t *tb_requantize_block(const int32_t sum[4], const struct tb_requantize *r,
                                          const int32_t *scales, int32_t channels,
                                          int8_t *output, int range) {
  *output++ = tb_requantize(sum[0], scales[0], scales[1], r, range);
  if (channels > 1) {
    *output++ = tb_requantize(sum[1], scales[2], scales[3], r, range);
  }
  if (channels > 2) {
    *output++ = tb_requantize(sum[2], scales[4], scales[5], r, range);
  }
  if (channels > 3) {
    *output++ = tb_requantize(sum[3], scales[6], scales[7], r, range);
  }
  return output;
}

#endif
