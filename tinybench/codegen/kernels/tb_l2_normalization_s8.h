/* output = (input - zero) / the row's length, in codes of 1/128 */
#ifndef TB_L2_NORMALIZATION_S8_H
#define TB_L2_NORMALIZATION_S8_H

#include "tb_inverse_root.h"

struct tb_l2_normalization_s8 {
  int32_t rows, depth;
  int32_t zero;
};

TB_KERNEL void tb_l2_normalization_s8(const struct tb_l2_normalization_s8 *p, const int8_t *input,
                                      int8_t *output) {
  for (int32_t n = 0; n < p->rows; n++, input += p->depth, output += p->depth) {
    int32_t sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
      sum += (input[c] - p->zero) * (input[c] - p->zero);
    }
    const struct tb_inverse_root by = tb_inverse_root(sum);
    for (int32_t c = 0; c < p->depth; c++) {
      const int32_t code = tb_rescale(input[c] - p->zero, by.multiplier, by.shift + 7);
      output[c] = (int8_t)tb_clamp(code, -128, 127);
    }
  }
}

#endif
