/* output = rescale(input), with another multiplier below zero: LEAKY_RELU, and RELU with 0 there
 *
 * A negative slope is `sign`, applied after rounding. */
#ifndef TB_LEAKY_RELU_S16_H
#define TB_LEAKY_RELU_S16_H

#include "tb_requantize.h"

struct tb_leaky_relu_s16 {
  int32_t elements;
  int32_t multiplier, shift;             /* positive to the left */
  int32_t multiplier_below, shift_below; /* of negative inputs */
  int32_t sign;
};

TB_KERNEL void tb_leaky_relu_s16(const struct tb_leaky_relu_s16 *p, const tb_i16 *input,
                                 tb_i16 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const int32_t value = input[i];
    int32_t code;
    if (value >= 0) {
      code = tb_rescale(value, p->multiplier, p->shift);
    } else {
      code = tb_rescale(value, p->multiplier_below, p->shift_below);
      code = p->sign * tb_clamp(code, INT16_MIN, -(int32_t)INT16_MIN); /* no overflow by the sign */
    }
    output[i] = (int16_t)tb_clamp(code, INT16_MIN, INT16_MAX);
  }
}

#endif
