/* output = rescale(1 / square root of the input)
 *
 * The highest code where the input is not positive: TFLM has it for zero, and stops below. */
#ifndef TB_RSQRT_S16_H
#define TB_RSQRT_S16_H

#include "tb_inverse_root.h"

struct tb_rsqrt_s16 {
  int32_t elements;
  int32_t multiplier, shift; /* positive to the left; of a number with 20 more bits */
};

TB_KERNEL void tb_rsqrt_s16(const struct tb_rsqrt_s16 *p, const tb_i16 *input, tb_i16 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    int32_t code = INT16_MAX;
    if (input[i] > 0) {
      const struct tb_inverse_root by = tb_inverse_root(input[i]);
      code = tb_rescale(tb_rescale(1, by.multiplier, by.shift + 20), p->multiplier, p->shift);
    }
    output[i] = (int16_t)tb_clamp(code, INT16_MIN, INT16_MAX);
  }
}

#endif
