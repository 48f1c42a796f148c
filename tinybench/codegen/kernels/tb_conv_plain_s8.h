/* output[n][y][x][c] = rescale(bias[c] + sum over a window of (input - zero) * (weight - zero))
 *
 * Sums that leave 32 bits wrap around, as in TFLM's builds. */
#ifndef TB_CONV_PLAIN_S8_H
#define TB_CONV_PLAIN_S8_H

#include "tb_plain.h"
#include "tb_requantize.h"

struct tb_conv_plain_s8 {
  struct tb_plain plain;
  const int32_t *bias;
  const int32_t *scales; /* multiplier in Q0.31 and shift to the left, a pair for each channel */
  int32_t input_zero, weights_zero, output_zero;
  int32_t low, high; /* the activation's range, in codes */
};

static inline int8_t tb_conv_plain_code_s8(const struct tb_conv_plain_s8 *p, uint32_t sum,
                                           int32_t c) {
  const int32_t code = tb_rescale((int32_t)sum, p->scales[2 * c], p->scales[2 * c + 1]);
  const uint32_t moved = (uint32_t)code + (uint32_t)p->output_zero;
  return (int8_t)tb_clamp((int32_t)moved, p->low, p->high);
}

TB_CONV_PLAIN(tb_conv_plain_s8, int8_t, int8_t, int8_t, uint32_t,
              (uint32_t)((x[k] - p->input_zero) * (by[k] - p->weights_zero)),
              tb_conv_plain_code_s8(p, (uint32_t)p->bias[c] + sum, c))

#endif
