/* output[n][y][x][c] = scale(bias[c] + sum over a window of input * (weight - zero)), in 64 bits */
#ifndef TB_CONV_PLAIN_S16_H
#define TB_CONV_PLAIN_S16_H

#include "tb_plain.h"
#include "tb_scale_s16.h"

struct tb_conv_plain_s16 {
  struct tb_plain plain;
  const int64_t *bias;
  struct tb_scale_s16 scale;
  int32_t weights_zero;
};

static inline int64_t tb_conv_plain_sum_s16(const struct tb_conv_plain_s16 *p,
                                            const struct tb_plain_part *part, const tb_i16 *image,
                                            const int8_t *weights) {
  const struct tb_geometry *const w = &p->plain.window;
  int64_t sum = 0;
  for (int32_t i = part->rows.start; i < part->rows.end; i++) {
    const tb_i16 *x = image;
    for (int32_t j = part->columns.start; j < part->columns.end; j++) {
      const int8_t *const by = weights + (i * w->kernel_w + j) * p->plain.tap_step;
      TB_ROLLED
      for (int32_t k = 0; k < p->plain.depth; k++) {
        sum += x[k] * (by[k] - p->weights_zero);
      }
      x += w->dilation_w * w->channels;
    }
    image += w->dilation_h * w->in_w * w->channels;
  }
  return sum;
}

TB_KERNEL void tb_conv_plain_s16(const struct tb_conv_plain_s16 *p, const tb_i16 *input,
                                 const int8_t *weights, tb_i16 *output) {
  const struct tb_geometry *const w = &p->plain.window;
  const int32_t channels = p->plain.groups * p->plain.filters;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t pixel = 0; pixel < w->out_h * w->out_w; pixel++) {
      const struct tb_plain_part part = tb_plain_part(&p->plain, pixel);
      for (int32_t c = 0; c < channels; c++) {
        const int32_t first = c / p->plain.filters * p->plain.depth;
        const int64_t sum =
            p->bias[c] + tb_conv_plain_sum_s16(p, &part, input + part.image + first,
                                               weights + c * p->plain.channel_step);
        *output++ = tb_scale_s16(sum, &p->scale, c);
      }
    }
  }
}

#endif
