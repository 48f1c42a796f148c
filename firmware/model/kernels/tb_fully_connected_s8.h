/* output[n][c] = requantize(bias[c] + sum over k of input[n][k] * weights[c][k])
 *
 * The input's zero point is folded into the bias. Weights are in blocks of 4 channels (tb_dot_s8.h)
 * and biases are filled up to a multiple of 4. */
#ifndef TB_FULLY_CONNECTED_S8_H
#define TB_FULLY_CONNECTED_S8_H

#include "tb_dot_s8.h"
#include "tb_requantize.h"

struct tb_fully_connected_s8 {
  const int8_t *weights;
  const int32_t *bias;
  struct tb_requantize requantize;
  int32_t batches, inputs, outputs, groups; /* groups of 4 inputs */
};

TB_KERNEL void tb_fully_connected_s8(const struct tb_fully_connected_s8 *p, const int8_t *input,
                                     int8_t *output) {
  const struct tb_requantize requantize = p->requantize;
  const int32_t groups = p->groups;
  for (int32_t n = 0; n < p->batches; n++, input += p->inputs) {
    const int8_t *weights = p->weights;
    const int32_t *bias = p->bias, *scales = requantize.scales;
    for (int32_t channels = p->outputs; channels > 0; channels -= 4, bias += 4, scales += 8) {
      int32_t sum[4] = {bias[0], bias[1], bias[2], bias[3]};
      weights = tb_dot_1x4(input, weights, groups, sum);
      output = tb_requantize_block(sum, &requantize, scales, channels, output,
                                   TB_FULLY_CONNECTED_S8_RANGE);
    }
  }
}

#endif
