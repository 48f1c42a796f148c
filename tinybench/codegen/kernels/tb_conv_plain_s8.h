/* output[n][y][x][c] = rescale(bias[c] + sum over a window of (input - zero point) * weight)
 *
 * Of groups of channels, where sums may leave 32 bits: they wrap around, as in TFLM's builds. Rare,
 * so plain: one output at a time. */
#ifndef TB_CONV_PLAIN_S8_H
#define TB_CONV_PLAIN_S8_H

#include "tb_requantize.h"
#include "tb_taps.h"

struct tb_conv_plain_s8 {
  const int8_t *weights; /* channel, tap row, tap column, input channel of the group */
  const int32_t *bias;
  const int32_t *scales; /* multiplier in Q0.31 and shift to the left, a pair for each channel */
  struct tb_geometry window;
  int32_t groups, depth, filters; /* groups of channels, input and output channels of one */
  int32_t zero_point, offset;     /* the input's zero point and the output's */
  int32_t low, high;              /* the activation's range, in codes */
};

/* The sum of one output, modulo 2^32: `image` is channel 0 of the first tap inside of the image. */
static inline uint32_t tb_conv_plain_sum_s8(const struct tb_conv_plain_s8 *p, const int8_t *image,
                                            struct tb_taps rows, struct tb_taps columns,
                                            const int8_t *weights) {
  const struct tb_geometry *const w = &p->window;
  uint32_t sum = 0;
  for (int32_t i = rows.start; i < rows.end; i++) {
    const int8_t *x = image, *by = weights + (i * w->kernel_w + columns.start) * p->depth;
    for (int32_t j = columns.start; j < columns.end; j++) {
      TB_ROLLED
      for (int32_t k = 0; k < p->depth; k++) {
        sum += (uint32_t)((x[k] - p->zero_point) * *by++);
      }
      x += w->dilation_w * w->channels;
    }
    image += w->dilation_h * w->in_w * w->channels;
  }
  return sum;
}

TB_KERNEL void tb_conv_plain_s8(const struct tb_conv_plain_s8 *p, const int8_t *input,
                                int8_t *output) {
  const struct tb_geometry *const w = &p->window;
  const int32_t taps = w->kernel_h * w->kernel_w * p->depth, pixels = w->out_h * w->out_w;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t pixel = 0; pixel < pixels; pixel++) {
      const int32_t top = pixel / w->out_w * w->stride_h - w->pad_h;
      const int32_t left = pixel % w->out_w * w->stride_w - w->pad_w;
      const struct tb_taps rows = tb_tap_rows(w, top), columns = tb_tap_columns(w, left);
      const int32_t y = top + rows.start * w->dilation_h, x = left + columns.start * w->dilation_w;
      const int8_t *weights = p->weights;
      for (int32_t c = 0; c < p->groups * p->filters; c++, weights += taps) {
        uint32_t sum = (uint32_t)p->bias[c];
        if (rows.start < rows.end && columns.start < columns.end) {
          const int8_t *const image = input + (y * w->in_w + x) * w->channels;
          sum += tb_conv_plain_sum_s8(p, image + c / p->filters * p->depth, rows, columns, weights);
        }
        const int32_t code = tb_rescale((int32_t)sum, p->scales[2 * c], p->scales[2 * c + 1]);
        const uint32_t moved = (uint32_t)code + (uint32_t)p->offset;
        *output++ = (int8_t)tb_clamp((int32_t)moved, p->low, p->high);
      }
    }
  }
}

#endif
