/* output[n][c] = input[n][c] - largest - log(sum of e^(input - largest) over the row) */
#ifndef TB_LOG_SOFTMAX_F32_H
#define TB_LOG_SOFTMAX_F32_H

#include "tb_exponential_f32.h"
#include "tb_logarithm_f32.h"

struct tb_log_softmax_f32 {
  int32_t rows, depth;
};

TB_KERNEL void tb_log_softmax_f32(const struct tb_log_softmax_f32 *p, const tb_f32 *input,
                                  tb_f32 *output) {
  for (int32_t n = 0; n < p->rows; n++, input += p->depth, output += p->depth) {
    float largest = -3.40282347e+38f;
    for (int32_t c = 0; c < p->depth; c++) {
      largest = largest < input[c] ? input[c] : largest;
    }
    float sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
      sum += tb_exponential_f32(input[c] - largest);
    }
    sum = tb_logarithm_f32(sum);
    for (int32_t c = 0; c < p->depth; c++) {
      output[c] = input[c] - largest - sum;
    }
  }
}

#endif
