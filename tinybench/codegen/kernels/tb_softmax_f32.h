/* output[n][c] = e^(beta (input[n][c] - largest)) / sum over the row
 *
 * Input and output may be the same memory: each pass reads an element before it writes it. */
#ifndef TB_SOFTMAX_F32_H
#define TB_SOFTMAX_F32_H

#include "tb_exponential_f32.h"

struct tb_softmax_f32 {
  int32_t rows, depth;
  float beta;
};

TB_KERNEL void tb_softmax_f32(const struct tb_softmax_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t n = 0; n < p->rows; n++, input += p->depth, output += p->depth) {
    float largest = -3.40282347e+38f;
    for (int32_t c = 0; c < p->depth; c++) {
      largest = largest < input[c] ? input[c] : largest;
    }
    float sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
      const float term = tb_exponential_f32((input[c] - largest) * p->beta);
      output[c] = term;
      sum += term;
    }
    for (int32_t c = 0; c < p->depth; c++) {
      output[c] = output[c] / sum;
    }
  }
}

#endif
