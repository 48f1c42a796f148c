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

static inline uint32_t tb_conv_plain_sum_s8(const struct tb_conv_plain_s8 *p,
                                            const struct tb_plain_part *part, const int8_t *image,
                                            const int8_t *weights) {
  const struct tb_geometry *const w = &p->plain.window;
  uint32_t sum = 0;
  for (int32_t i = part->rows.start; i < part->rows.end; i++) {
    const int8_t *x = image;
    for (int32_t j = part->columns.start; j < part->columns.end; j++) {
      const int8_t *const by = weights + (i * w->kernel_w + j) * p->plain.tap_step;
      TB_ROLLED
      for (int32_t k = 0; k < p->plain.depth; k++) {
        sum += (uint32_t)((x[k] - p->input_zero) * (by[k] - p->weights_zero));
      }
      x += w->dilation_w * w->channels;
    }
    image += w->dilation_h * w->in_w * w->channels;
  }
  return sum;
}

TB_KERNEL void tb_conv_plain_s8(const struct tb_conv_plain_s8 *p, const int8_t *input,
                                const int8_t *weights, int8_t *output) {
  const struct tb_geometry *const w = &p->plain.window;
  const int32_t channels = p->plain.groups * p->plain.filters;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t pixel = 0; pixel < w->out_h * w->out_w; pixel++) {
      const struct tb_plain_part part = tb_plain_part(&p->plain, pixel);
      for (int32_t c = 0; c < channels; c++) {
        const int32_t first = c / p->plain.filters * p->plain.depth;
        const uint32_t sum =
            (uint32_t)p->bias[c] + tb_conv_plain_sum_s8(p, &part, input + part.image + first,
                                                        weights + c * p->plain.channel_step);
        const int32_t code = tb_rescale((int32_t)sum, p->scales[2 * c], p->scales[2 * c + 1]);
        const uint32_t moved = (uint32_t)code + (uint32_t)p->output_zero;
        *output++ = (int8_t)tb_clamp((int32_t)moved, p->low, p->high);
      }
    }
  }
}

#endif
