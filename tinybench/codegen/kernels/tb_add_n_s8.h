/* A part of output = rescale(sum of inputs): the first one begins the sums, the last one ends them
 *
 * The inputs have one scale and zero point; `zeros` is one more of these than there are inputs,
 * as TFLM has it. Its common scale has 20 more bits and a multiplier of 1/2: 19 bits, exactly. */
#ifndef TB_ADD_N_S8_H
#define TB_ADD_N_S8_H

#include "tb_requantize.h"

struct tb_add_n_s8 {
  int32_t elements;
  int32_t first, last; /* 1 for these */
  int32_t zeros;
  int32_t multiplier, shift, output_zero; /* to the right */
};

TB_KERNEL void tb_add_n_s8(const struct tb_add_n_s8 *p, const int8_t *input, int8_t *output,
                           void *scratch) {
  tb_i16 *const sums = (tb_i16 *)scratch;
  for (int32_t i = 0; i < p->elements; i++) {
    const int32_t sum = (p->first ? 0 : sums[i]) + input[i];
    sums[i] = (int16_t)sum;
    if (p->last) {
      const int32_t code =
          tb_rescale((sum - p->zeros) * ((int32_t)1 << 19), p->multiplier, p->shift);
      output[i] = (int8_t)tb_clamp(code + p->output_zero, -128, 127);
    }
  }
}

#endif
