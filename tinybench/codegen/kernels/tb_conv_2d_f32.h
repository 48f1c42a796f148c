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

/* The part of a window that is inside the image, as `runs` of inputs that stand together with their
 * weights in each of its rows. */
struct tb_conv_2d_part_f32 {
  const tb_f32 *image;   /* the first tap, channel 0 */
  int32_t first;         /* its input among the weights of a channel */
  int32_t rows, runs, inputs;
  int32_t image_row, image_run; /* from one to the next */
};

static inline struct tb_conv_2d_part_f32 tb_conv_2d_part_f32(const struct tb_conv_2d_f32 *p,
                                                             const tb_f32 *image, int32_t top,
                                                             int32_t left) {
  const struct tb_geometry *const w = &p->window;
  const struct tb_taps rows = tb_tap_rows(w, top), columns = tb_tap_columns(w, left);
  const int32_t taps = columns.end > columns.start ? columns.end - columns.start : 0;
  struct tb_conv_2d_part_f32 part;
  part.rows = taps ? rows.end - rows.start : 0;
  part.runs = p->contiguous ? 1 : taps;
  part.inputs = p->contiguous ? taps * p->depth : p->depth;
  part.image_run = w->dilation_w * w->channels;
  part.image_row = w->dilation_h * w->in_w * w->channels;
  part.first = (rows.start * w->kernel_w + columns.start) * p->depth;
  part.image = image;
  if (part.rows > 0) {
    part.image += ((top + rows.start * w->dilation_h) * w->in_w + left) * w->channels +
                  columns.start * part.image_run;
  }
  return part;
}

/* The sums of four channels, or of one, whose weights these are. */
static inline void tb_conv_2d_sum_f32(const struct tb_conv_2d_f32 *p,
                                      const struct tb_conv_2d_part_f32 *part, const tb_f32 *row,
                                      const float *weights, int32_t channels, float sum[4]) {
  const int32_t inputs = part->inputs;
  float s[4] = {0};
  weights += part->first * channels;
  TB_ROLLED
  for (int32_t i = 0; i < part->rows; i++) {
    const tb_f32 *from = row;
    const float *by = weights;
    TB_ROLLED
    for (int32_t j = 0; j < part->runs; j++) {
      if (channels == 4) {
        tb_dot_1x4_f32(from, by, inputs, s);
      } else {
        s[0] = tb_dot_f32(from, by, inputs, s[0]);
      }
      from += part->image_run;
      by += inputs * channels;
    }
    row += part->image_row;
    weights += p->window.kernel_w * p->depth * channels;
  }
  for (int32_t i = 0; i < channels; i++) {
    sum[i] = s[i];
  }
}

TB_KERNEL void tb_conv_2d_f32(const struct tb_conv_2d_f32 *p, const tb_f32 *input, tb_f32 *output) {
  const struct tb_geometry *const w = &p->window;
  const int32_t weights_each = w->kernel_h * w->kernel_w * p->depth;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      for (int32_t x = 0; x < w->out_w; x++) {
        const struct tb_conv_2d_part_f32 part = tb_conv_2d_part_f32(
            p, input, y * w->stride_h - w->pad_h, x * w->stride_w - w->pad_w);
        const float *weights = p->weights, *bias = p->bias;
        for (int32_t g = 0; g < p->groups; g++) {
          const tb_f32 *const image = part.image + g * p->depth;
          for (int32_t c = 0; c < p->filters;) {
            const int32_t channels = p->filters - c >= 4 ? 4 : 1;
            float sum[4];
            if (channels == 4) {
              tb_conv_2d_sum_f32(p, &part, image, weights, 4, sum);
            } else {
              tb_conv_2d_sum_f32(p, &part, image, weights, 1, sum);
            }
            TB_ROLLED
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
