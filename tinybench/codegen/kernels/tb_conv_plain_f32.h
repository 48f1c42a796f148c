/* output[n][y][x][c] = activation(sum over a window of input * weight + bias[c]) */
#ifndef TB_CONV_PLAIN_F32_H
#define TB_CONV_PLAIN_F32_H

#include "tb_activate_f32.h"
#include "tb_plain.h"

struct tb_conv_plain_f32 {
  struct tb_plain plain;
  const float *bias;
  float low, high;
};

static inline float tb_conv_plain_sum_f32(const struct tb_plain *p,
                                          const struct tb_plain_part *part, const tb_f32 *image,
                                          const tb_f32 *weights) {
  const struct tb_geometry *const w = &p->window;
  float sum = 0.0f;
  for (int32_t i = part->rows.start; i < part->rows.end; i++) {
    const tb_f32 *x = image;
    for (int32_t j = part->columns.start; j < part->columns.end; j++) {
      const tb_f32 *const by = weights + (i * w->kernel_w + j) * p->tap_step;
      TB_ROLLED
      for (int32_t k = 0; k < p->depth; k++) {
        sum += x[k] * by[k];
      }
      x += w->dilation_w * w->channels;
    }
    image += w->dilation_h * w->in_w * w->channels;
  }
  return sum;
}

TB_KERNEL void tb_conv_plain_f32(const struct tb_conv_plain_f32 *p, const tb_f32 *input,
                                 const tb_f32 *weights, tb_f32 *output) {
  const struct tb_geometry *const w = &p->plain.window;
  const int32_t channels = p->plain.groups * p->plain.filters;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t pixel = 0; pixel < w->out_h * w->out_w; pixel++) {
      const struct tb_plain_part part = tb_plain_part(&p->plain, pixel);
      for (int32_t c = 0; c < channels; c++) {
        const int32_t first = c / p->plain.filters * p->plain.depth;
        const float sum = tb_conv_plain_sum_f32(&p->plain, &part, input + part.image + first,
                                                weights + c * p->plain.channel_step);
        *output++ = tb_activate_f32(sum + p->bias[c], p->low, p->high);
      }
    }
  }
}

#endif
