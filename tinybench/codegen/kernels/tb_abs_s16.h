/* output = rescale(|input|), at most `high`; one above INT16_MAX becomes INT16_MIN */
#ifndef TB_ABS_S16_H
#define TB_ABS_S16_H

#include "tb_requantize.h"

struct tb_abs_s16 {
  int32_t elements;
  int32_t multiplier, shift; /* positive to the left */
  int32_t high;
};

TB_KERNEL void tb_abs_s16(const struct tb_abs_s16 *p, const tb_i16 *input, tb_i16 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const int32_t value = input[i];
    const int32_t code = tb_rescale(value < 0 ? -value : value, p->multiplier, p->shift);
    output[i] = (int16_t)tb_clamp(code, INT16_MIN, p->high);
  }
}

#endif
