/* output[n][y][x][c] = scale(sum over taps and input channels of input * weights + bias[c])
 *
 * Output channels are in groups that see `depth` input channels each; usually one group sees all.
 * With `contiguous`, the taps of one row are neighbours in memory and are summed in one go. Layout
 * of the weights of one group: tb_dot_s16.h, inputs in the order tap row, tap column, channel. */
#ifndef TB_CONV_2D_S16_H
#define TB_CONV_2D_S16_H

#include "tb_dot_s16.h"
#include "tb_scale_s16.h"
#include "tb_taps.h"

struct tb_conv_2d_s16 {
  const int8_t *weights;
  const int64_t *bias;
  struct tb_geometry window;
  int32_t groups, depth, filters; /* input and output channels of one group */
  int32_t contiguous;
  struct tb_scale_s16 scale;
};

/* Add the taps of one output position to the sums of four channels or of one. */
static inline void tb_conv_2d_sum_s16(const struct tb_conv_2d_s16 *p, const tb_i16 *image,
                                      const int8_t *weights, int32_t top, int32_t left,
                                      int32_t channels, int64_t sum[4]) {
  const struct tb_geometry *const w = &p->window;
  const struct tb_taps rows = tb_tap_rows(w, top), columns = tb_tap_columns(w, left);
  const int32_t taps = p->contiguous ? columns.end - columns.start : 1;
  for (int32_t i = rows.start; i < rows.end; i++) {
    const tb_i16 *row = image + (top + i * w->dilation_h) * w->in_w * w->channels;
    for (int32_t j = columns.start; j < columns.end; j += taps) {
      const tb_i16 *from = row + (left + j * w->dilation_w) * w->channels;
      const int8_t *by = weights + (i * w->kernel_w + j) * p->depth * channels;
      if (channels == 4) {
        tb_dot_1x4_s16(from, by, taps * p->depth, sum);
      } else {
        tb_dot_s16(from, by, taps * p->depth, sum);
      }
    }
  }
}

TB_KERNEL void tb_conv_2d_s16(const struct tb_conv_2d_s16 *p, const tb_i16 *input, tb_i16 *output) {
  const struct tb_geometry *const w = &p->window;
  const int32_t weights_each = w->kernel_h * w->kernel_w * p->depth;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      const int32_t top = y * w->stride_h - w->pad_h;
      for (int32_t x = 0; x < w->out_w; x++) {
        const int32_t left = x * w->stride_w - w->pad_w;
        const int8_t *weights = p->weights;
        int32_t channel = 0;
        for (int32_t g = 0; g < p->groups; g++) {
          const tb_i16 *image = input + g * p->depth;
          for (int32_t c = 0; c < p->filters;) {
            const int32_t channels = p->filters - c >= 4 ? 4 : 1;
            int64_t sum[4] = {0};
            tb_conv_2d_sum_s16(p, image, weights, top, left, channels, sum);
            for (int32_t i = 0; i < channels; i++, c++, channel++) {
              *output++ = tb_scale_s16(sum[i] + p->bias[channel], &p->scale, channel);
            }
            weights += channels * weights_each;
          }
        }
      }
    }
  }
}

#endif
