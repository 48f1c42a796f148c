/* output[n][y][x][c] = activation(sum over taps of input[..][c / multiplier] * weights[tap][c]
 *                                 + bias[c])
 *
 * With a multiplier of 1, four neighbouring channels are summed at once. */
#ifndef TB_DEPTHWISE_CONV_2D_F32_H
#define TB_DEPTHWISE_CONV_2D_F32_H

#include "tb_activate_f32.h"
#include "tb_taps.h"

struct tb_depthwise_conv_2d_f32 {
  const float *weights, *bias;
  struct tb_geometry window;
  int32_t outputs, multiplier;
  float low, high;
};

static inline void tb_depthwise_sum_f32(const struct tb_depthwise_conv_2d_f32 *p,
                                        const tb_f32 *image, const float *weights, int32_t top,
                                        int32_t left, int32_t channels, float sum[4]) {
  const struct tb_geometry *const w = &p->window;
  const struct tb_taps rows = tb_tap_rows(w, top), columns = tb_tap_columns(w, left);
  const int32_t step = w->dilation_w * w->channels;
  float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (int32_t i = rows.start; i < rows.end; i++) {
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
  }
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
}

TB_KERNEL void tb_depthwise_conv_2d_f32(const struct tb_depthwise_conv_2d_f32 *p,
                                        const tb_f32 *input, tb_f32 *output) {
  const struct tb_geometry *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      const int32_t top = y * w->stride_h - w->pad_h;
      for (int32_t x = 0; x < w->out_w; x++) {
        const int32_t left = x * w->stride_w - w->pad_w;
        for (int32_t c = 0; c < p->outputs;) {
          const int32_t channels = p->multiplier == 1 && p->outputs - c >= 4 ? 4 : 1;
          const tb_f32 *image = input + c / p->multiplier;
          float sum[4];
          if (channels == 4) {
            tb_depthwise_sum_f32(p, image, p->weights + c, top, left, 4, sum);
          } else {
            tb_depthwise_sum_f32(p, image, p->weights + c, top, left, 1, sum);
          }
          for (int32_t i = 0; i < channels; i++, c++) {
            *output++ = tb_activate_f32(sum[i] + p->bias[c], p->low, p->high);
          }
        }
      }
    }
  }
}

#endif
