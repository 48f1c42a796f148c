/* Depthwise convolution with several output channels for each input channel:
 * output[n][y][x][c * multiplier + m] = requantize(bias + sum over a window of input * weight)
 *
 * Rare, so plain: one output at a time; taps outside of the image read as the zero point. */
#ifndef TB_DEPTHWISE_MULTIPLIER_S8_H
#define TB_DEPTHWISE_MULTIPLIER_S8_H

#include "tb_requantize.h"
#include "tb_window.h"

struct tb_depthwise_multiplier_s8 {
  const int8_t *weights; /* taps x outputs, as in the model */
  const int32_t *bias;
  struct tb_requantize requantize;
  struct tb_window window;
  int32_t multiplier; /* outputs for each input channel */
  int32_t pad;        /* the input's zero point */
};

/* `scratch` has room for a window. */
TB_KERNEL void tb_depthwise_multiplier_s8(const struct tb_depthwise_multiplier_s8 *p,
                                       const int8_t *input, int8_t *output, int8_t *scratch) {
  const struct tb_window *const w = &p->window;
  const struct tb_requantize requantize = p->requantize;
  const int32_t outputs = w->channels * p->multiplier, taps = w->kernel_h * w->kernel_w;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t i = 0; i < w->out_h * w->out_w; i++) {
      tb_copy_window(w, input, i / w->out_w * w->stride_h - w->pad_h,
                     i % w->out_w * w->stride_w - w->pad_w, (int8_t)p->pad, scratch);
      const int32_t *scales = requantize.scales;
      for (int32_t c = 0; c < outputs; c++, scales += 2) {
        const int8_t *x = scratch + c / p->multiplier, *weight = p->weights + c;
        int32_t sum = p->bias[c];
        for (int32_t t = 0; t < taps; t++, x += w->channels, weight += outputs) {
          sum += *x * *weight;
        }
        *output++ = tb_requantize(sum, scales[0], scales[1], &requantize,
                                  TB_DEPTHWISE_MULTIPLIER_S8_RANGE);
      }
    }
  }
}

#endif
