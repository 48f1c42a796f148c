/* output[n][y][x][c] = activation(sum over taps and input channels of input * weights + bias[c])
 *
 * Output channels are in groups that see `depth` input channels each; usually one group sees all.
 * With `contiguous`, the taps of one row are neighbours in memory and are summed in one go. Layout
 * of the weights of one group: tb_dot_f32.h, inputs in the order tap row, tap column, channel. */
#ifndef TB_CONV_2D_F32_H
#define TB_CONV_2D_F32_H

#include "tb_activate_f32.h"
#include "tb_dot_f32.h"
#include "tb_taps.h"

struct tb_conv_2d_f32 {
  const float *weights, *bias;
  struct tb_geometry window;
  int32_t groups, depth, filters; /* input and output channels of one group */
  int32_t contiguous;
  float low, high;
};

/* Add the taps of one output position to the sums of four channels or of one. */
static inline void tb_conv_2d_sum_f32(const struct tb_conv_2d_f32 *p, const tb_f32 *image,
                                      const float *weights, int32_t top, int32_t left,
                                      int32_t channels, float sum[4]) {
  const struct tb_geometry *const w = &p->window;
  const struct tb_taps rows = tb_tap_rows(w, top), columns = tb_tap_columns(w, left);
  const int32_t taps = p->contiguous ? columns.end - columns.start : 1;
  for (int32_t i = rows.start; i < rows.end; i++) {
    const tb_f32 *row = image + (top + i * w->dilation_h) * w->in_w * w->channels;
    for (int32_t j = columns.start; j < columns.end; j += taps) {
      const tb_f32 *from = row + (left + j * w->dilation_w) * w->channels;
      const float *by = weights + (i * w->kernel_w + j) * p->depth * channels;
      if (channels == 4) {
        tb_dot_1x4_f32(from, by, taps * p->depth, sum);
      } else {
        sum[0] = tb_dot_f32(from, by, taps * p->depth, sum[0]);
      }
    }
  }
}

TB_KERNEL void tb_conv_2d_f32(const struct tb_conv_2d_f32 *p, const tb_f32 *input, tb_f32 *output) {
  const struct tb_geometry *const w = &p->window;
  const int32_t weights_each = w->kernel_h * w->kernel_w * p->depth;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      const int32_t top = y * w->stride_h - w->pad_h;
      for (int32_t x = 0; x < w->out_w; x++) {
        const int32_t left = x * w->stride_w - w->pad_w;
        const float *weights = p->weights, *bias = p->bias;
        for (int32_t g = 0; g < p->groups; g++) {
          const tb_f32 *image = input + g * p->depth;
          for (int32_t c = 0; c < p->filters;) {
            const int32_t channels = p->filters - c >= 4 ? 4 : 1;
            float sum[4] = {0};
            tb_conv_2d_sum_f32(p, image, weights, top, left, channels, sum);
            for (int32_t i = 0; i < channels; i++) {
              *output++ = tb_activate_f32(sum[i] + *bias++, p->low, p->high);
            }
            weights += channels * weights_each;
            c += channels;
          }
        }
      }
    }
  }
}

#endif
