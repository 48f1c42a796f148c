/* output = input / the larger of its row's length and 1e-6 */
#ifndef TB_L2_NORMALIZATION_F32_H
#define TB_L2_NORMALIZATION_F32_H

#include "tb_root_f32.h"

struct tb_l2_normalization_f32 {
  int32_t rows, depth;
};

TB_KERNEL void tb_l2_normalization_f32(const struct tb_l2_normalization_f32 *p,
                                       const tb_f32 *input, tb_f32 *output) {
  for (int32_t n = 0; n < p->rows; n++, input += p->depth, output += p->depth) {
    float sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
      sum += input[c] * input[c];
    }
    float length = tb_root_f32(sum);
    length = length < 1e-6f ? 1e-6f : length;
    for (int32_t c = 0; c < p->depth; c++) {
      output[c] = input[c] / length;
    }
  }
}

#endif
