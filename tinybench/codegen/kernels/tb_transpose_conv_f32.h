/* output = activation(sum over input pixels that reach it of input * weights + bias)
 *
 * TFLM adds an input pixel after the other to all outputs that it reaches; for one output that is
 * the order of rows, columns and channels of its window, as here. Layout of the weights of a phase:
 * tb_dot_f32.h, inputs in the order tap row, tap column, channel. */
#ifndef TB_TRANSPOSE_CONV_F32_H
#define TB_TRANSPOSE_CONV_F32_H

#include "tb_activate_f32.h"
#include "tb_dot_f32.h"
#include "tb_phases.h"

struct tb_transpose_conv_f32 {
  const float *weights, *bias;
  struct tb_phases phases;
  int32_t batches, in_h, in_w, channels, outputs;
  float low, high;
};

/* A phase's pixel at `output` from the window at row `top` and column `left`. */
static inline void tb_transpose_conv_pixel_f32(const struct tb_transpose_conv_f32 *p,
                                               const struct tb_part *part, const tb_f32 *image,
                                               int32_t top, int32_t left, const float *weights,
                                               tb_f32 *output) {
  const struct tb_inside rows = tb_inside(top, part->kernel_h, p->in_h);
  const struct tb_inside columns = tb_inside(left, part->kernel_w, p->in_w);
  const int32_t taps_row = part->kernel_w * p->channels;
  const int32_t inputs = (columns.end - columns.start) * p->channels;
  const int32_t first = rows.start * taps_row + columns.start * p->channels;
  const int32_t place = ((top + rows.start) * p->in_w + left + columns.start) * p->channels;
  for (int32_t c = 0; c < p->outputs;) {
    const int32_t channels = p->outputs - c >= 4 ? 4 : 1;
    const float *by = weights + first * channels;
    int32_t from = place;
    float sum[4] = {0};
    TB_ROLLED
    for (int32_t i = inputs ? rows.start : rows.end; i < rows.end; i++) {
      if (channels == 4) {
        tb_dot_1x4_f32(image + from, by, inputs, sum);
      } else {
        sum[0] = tb_dot_f32(image + from, by, inputs, sum[0]);
      }
      from += p->in_w * p->channels;
      by += taps_row * channels;
    }
    TB_ROLLED
    for (int32_t i = 0; i < channels; i++, c++) {
      output[c] = tb_activate_f32(sum[i] + p->bias[c], p->low, p->high);
    }
    weights += part->kernel_h * taps_row * channels;
  }
}

TB_KERNEL void tb_transpose_conv_f32(const struct tb_transpose_conv_f32 *p, const tb_f32 *input,
                                     tb_f32 *output) {
  for (int32_t n = 0; n < p->batches; n++) {
    const int32_t *place = p->phases.places;
    const float *weights = p->weights;
    for (int32_t i = 0; i < p->phases.count; i++) {
      const struct tb_part part = tb_part(&p->phases, i);
      for (int32_t k = 0; k < part.phases; k++, place++) {
        for (int32_t y = 0; y < part.out_h; y++) {
          tb_f32 *to = output + *place + y * p->phases.row;
          for (int32_t x = 0; x < part.out_w; x++, to += p->phases.column) {
            tb_transpose_conv_pixel_f32(p, &part, input, y - part.pad_h, x - part.pad_w, weights,
                                        to);
          }
        }
        weights += part.kernel_h * part.kernel_w * p->channels * p->outputs;
      }
    }
    input += p->in_h * p->in_w * p->channels;
    output += p->phases.image;
  }
}

#endif
