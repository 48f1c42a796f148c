/* output[n][y][x][c] = scale(sum over taps of input[..][c / multiplier] * weights[tap][c]
 *                            + bias[c])
 *
 * With a multiplier of 1, four neighbouring channels are summed at once. Products have at most 23
 * bits, so a row of up to 511 taps is summed in 32. */
#ifndef TB_DEPTHWISE_CONV_2D_S16_H
#define TB_DEPTHWISE_CONV_2D_S16_H

#include "tb_scale_s16.h"
#include "tb_taps.h"

struct tb_depthwise_conv_2d_s16 {
  const int8_t *weights;
  const int64_t *bias;
  struct tb_geometry window;
  int32_t outputs, multiplier;
  struct tb_scale_s16 scale;
};

static inline void tb_depthwise_sum_s16(const struct tb_depthwise_conv_2d_s16 *p,
                                        const tb_i16 *image, const int8_t *weights, int32_t top,
                                        int32_t left, int32_t channels, int64_t sum[4]) {
  const struct tb_geometry *const w = &p->window;
  const struct tb_taps rows = tb_tap_rows(w, top), columns = tb_tap_columns(w, left);
  const int32_t step = w->dilation_w * w->channels;
  sum[0] = sum[1] = sum[2] = sum[3] = 0;
  for (int32_t i = rows.start; i < rows.end; i++) {
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int32_t at = ((top + i * w->dilation_h) * w->in_w + left) * w->channels + columns.start * step;
    int32_t by = (i * w->kernel_w + columns.start) * p->outputs;
    for (int32_t j = columns.start; j < columns.end; j++, at += step, by += p->outputs) {
      s0 += image[at] * weights[by];
      if (channels == 4) {
        s1 += image[at + 1] * weights[by + 1];
        s2 += image[at + 2] * weights[by + 2];
        s3 += image[at + 3] * weights[by + 3];
      }
    }
    sum[0] += s0;
    sum[1] += s1;
    sum[2] += s2;
    sum[3] += s3;
  }
}

TB_KERNEL void tb_depthwise_conv_2d_s16(const struct tb_depthwise_conv_2d_s16 *p,
                                        const tb_i16 *input, tb_i16 *output) {
  const struct tb_geometry *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      const int32_t top = y * w->stride_h - w->pad_h;
      for (int32_t x = 0; x < w->out_w; x++) {
        const int32_t left = x * w->stride_w - w->pad_w;
        for (int32_t c = 0; c < p->outputs;) {
          const int32_t channels = p->multiplier == 1 && p->outputs - c >= 4 ? 4 : 1;
          const tb_i16 *image = input + c / p->multiplier;
          int64_t sum[4];
          if (channels == 4) {
            tb_depthwise_sum_s16(p, image, p->weights + c, top, left, 4, sum);
          } else {
            tb_depthwise_sum_s16(p, image, p->weights + c, top, left, 1, sum);
          }
          for (int32_t i = 0; i < channels; i++, c++) {
            *output++ = tb_scale_s16(sum[i] + p->bias[c], &p->scale, c);
          }
        }
      }
    }
  }
}

#endif
