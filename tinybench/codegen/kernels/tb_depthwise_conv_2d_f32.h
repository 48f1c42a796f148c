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

/* The part of a window that is inside the image. */
struct tb_depthwise_part_f32 {
  const tb_f32 *image;  /* its first tap, channel 0 */
  const float *weights; /* of this tap */
  int32_t rows, columns;
  int32_t image_row, image_column, weights_row; /* from one to the next */
};

static inline struct tb_depthwise_part_f32 tb_depthwise_part_f32(
    const struct tb_depthwise_conv_2d_f32 *p, const tb_f32 *image, int32_t top, int32_t left) {
  const struct tb_geometry *const w = &p->window;
  const struct tb_taps rows = tb_tap_rows(w, top), columns = tb_tap_columns(w, left);
  struct tb_depthwise_part_f32 part;
  part.rows = rows.end - rows.start;
  part.columns = columns.end - columns.start;
  part.image_column = w->dilation_w * w->channels;
  part.image_row = w->dilation_h * w->in_w * w->channels;
  part.weights_row = w->kernel_w * p->outputs;
  part.image = image;
  part.weights = p->weights;
  if (part.rows > 0 && part.columns > 0) {
    part.image += ((top + rows.start * w->dilation_h) * w->in_w + left) * w->channels +
                  columns.start * part.image_column;
    part.weights += (rows.start * w->kernel_w + columns.start) * p->outputs;
  }
  return part;
}

/* Channel `from` of the input and `c` of the output, and the three after them if `channels` is
 * 4. */
static inline void tb_depthwise_channels_f32(const struct tb_depthwise_conv_2d_f32 *p,
                                             const struct tb_depthwise_part_f32 *part,
                                             int32_t from, int32_t c, int32_t channels,
                                             tb_f32 *output) {
  const tb_f32 *row = part->image + from;
  const float *weights_row = part->weights + c;
  float s[4] = {0};
  TB_ROLLED
  for (int32_t i = 0; i < part->rows; i++) {
    const tb_f32 *x = row;
    const float *by = weights_row;
    TB_ROLLED
    for (int32_t j = part->columns; j > 0; j--, x += part->image_column, by += p->outputs) {
      s[0] += x[0] * by[0];
      if (channels == 4) {
        s[1] += x[1] * by[1];
        s[2] += x[2] * by[2];
        s[3] += x[3] * by[3];
      }
    }
    row += part->image_row;
    weights_row += part->weights_row;
  }
  for (int32_t k = 0; k < channels; k++) {
    output[c + k] = tb_activate_f32(s[k] + p->bias[c + k], p->low, p->high);
  }
}

TB_KERNEL void tb_depthwise_conv_2d_f32(const struct tb_depthwise_conv_2d_f32 *p,
                                        const tb_f32 *input, tb_f32 *output) {
  const struct tb_geometry *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      for (int32_t x = 0; x < w->out_w; x++, output += p->outputs) {
        const struct tb_depthwise_part_f32 part = tb_depthwise_part_f32(
            p, input, y * w->stride_h - w->pad_h, x * w->stride_w - w->pad_w);
        int32_t c = 0;
        if (p->multiplier == 1) {
          for (; c + 4 <= p->outputs; c += 4) {
            tb_depthwise_channels_f32(p, &part, c, c, 4, output);
          }
        }
        for (; c < p->outputs; c++) {
          tb_depthwise_channels_f32(p, &part, c / p->multiplier, c, 1, output);
        }
      }
    }
  }
}

#endif
