/* TFLM's MultiplyByQuantizedMultiplier for numbers that are small enough.
 *
 * A number shifted left by `left` is below 2^30 in magnitude, which the generator proves: then the
 * first rounding is one instruction where there is the DSP extension, and neither case nor mask is
 * needed for the second. One of the two shifts is 0. */
#ifndef TB_MULTIPLIER_H
#define TB_MULTIPLIER_H

#include "tb_requantize.h"

struct tb_multiplier {
  int32_t value; /* in Q0.31 */
  int32_t left, right;
};

static inline int32_t tb_multiply(int32_t x, int32_t value, int32_t left, int32_t right) {
  const int32_t half = (int32_t)(((uint32_t)1 << right) >> 1);
  x = tb_narrow_multiply((int32_t)((uint32_t)x << left), value);
  /* Ties go away from zero. */
  return (x + half + ((x >> 31) & -(int32_t)(right > 0))) >> right;
}

static inline int32_t tb_multiply_by(int32_t x, const struct tb_multiplier *by) {
  return tb_multiply(x, by->value, by->left, by->right);
}

#endif
