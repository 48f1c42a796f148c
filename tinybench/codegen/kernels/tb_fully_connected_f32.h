/* output[n][c] = activation(sum over k of input[n][k] * weights[c][k] + bias[c])
 *
 * The bias is added last, as TFLM does. Layout of weights: tb_dot_f32.h. */
#ifndef TB_FULLY_CONNECTED_F32_H
#define TB_FULLY_CONNECTED_F32_H

#include "tb_activate_f32.h"
#include "tb_dot_f32.h"

struct tb_fully_connected_f32 {
  const float *weights, *bias;
  int32_t batches, inputs, outputs;
  float low, high;
};

TB_KERNEL void tb_fully_connected_f32(const struct tb_fully_connected_f32 *p, const tb_f32 *input,
                                      tb_f32 *output) {
  for (int32_t n = 0; n < p->batches; n++, input += p->inputs) {
    const float *weights = p->weights;
    int32_t c = 0;
    for (; c + 4 <= p->outputs; c += 4, weights += 4 * p->inputs) {
      float sum[4] = {0};
      tb_dot_1x4_f32(input, weights, p->inputs, sum);
      for (int32_t i = 0; i < 4; i++) {
        *output++ = tb_activate_f32(sum[i] + p->bias[c + i], p->low, p->high);
      }
    }
    for (; c < p->outputs; c++, weights += p->inputs) {
      const float sum = tb_dot_f32(input, weights, p->inputs, 0);
      *output++ = tb_activate_f32(sum + p->bias[c], p->low, p->high);
    }
  }
}

#endif
