/* output[n][c] = scale(sum over k of input[n][k] * weights[c][k] + bias[c])
 *
 * Layout of weights: tb_dot_s16.h. */
#ifndef TB_FULLY_CONNECTED_S16_H
#define TB_FULLY_CONNECTED_S16_H

#include "tb_dot_s16.h"
#include "tb_scale_s16.h"

struct tb_fully_connected_s16 {
  const int8_t *weights;
  const int64_t *bias;
  int32_t batches, inputs, outputs;
  struct tb_scale_s16 scale;
};

TB_KERNEL void tb_fully_connected_s16(const struct tb_fully_connected_s16 *p, const tb_i16 *input,
                                      tb_i16 *output) {
  for (int32_t n = 0; n < p->batches; n++, input += p->inputs) {
    const int8_t *weights = p->weights;
    int32_t c = 0;
    for (; c + 4 <= p->outputs; c += 4, weights += 4 * p->inputs) {
      int64_t sum[4] = {p->bias[c], p->bias[c + 1], p->bias[c + 2], p->bias[c + 3]};
      tb_dot_1x4_s16(input, weights, p->inputs, sum);
      for (int32_t i = 0; i < 4; i++) {
        *output++ = tb_scale_s16(sum[i], &p->scale, c + i);
      }
    }
    for (; c < p->outputs; c++, weights += p->inputs) {
      int64_t sum = p->bias[c];
      tb_dot_s16(input, weights, p->inputs, &sum);
      *output++ = tb_scale_s16(sum, &p->scale, c);
    }
  }
}

#endif
