/* output[n][y][x][c] = requantize(bias[c] + sum over a window and its channels of input * weight)
 *
 * Two output pixels at a time: their windows become rows that every channel is multiplied with.
 * The input's zero point is folded into the bias; what lies outside of the image reads as it. A
 * 1x1 window without stride is read where it stands. */
#ifndef TB_CONV_S8_H
#define TB_CONV_S8_H

#include "tb_columns_s8.h"
#include "tb_requantize.h"
#include "tb_window.h"

struct tb_conv_s8 {
  const int8_t *weights; /* blocks of 2 channels */
  const int32_t *bias;   /* filled up to a multiple of 2 */
  struct tb_requantize requantize;
  struct tb_window window;
  int32_t outputs, groups; /* channels; groups of 4 inputs in a window */
  int32_t pad;             /* the input's zero point */
  int32_t direct;          /* 1 if the windows of consecutive pixels follow each other */
};

/* Two rows times all channels; `second` is where the second pixel's codes go. */
static inline void tb_conv_pair(const struct tb_conv_s8 *p, struct tb_columns columns,
                                int8_t *first, int8_t *second) {
  const struct tb_requantize requantize = p->requantize;
  const int8_t *weights = p->weights;
  const int32_t *bias = p->bias, *scales = requantize.scales;
  const int32_t groups = p->groups;
  for (int32_t channels = p->outputs; channels > 0; channels -= 2) {
    int32_t sum[4] = {bias[0], bias[1], bias[0], bias[1]};
    weights = tb_dot_2x2(columns, weights, groups, sum);
    *first++ = tb_requantize(sum[0], scales[0], scales[1], &requantize);
    *second++ = tb_requantize(sum[2], scales[0], scales[1], &requantize);
    if (channels > 1) {
      *first++ = tb_requantize(sum[1], scales[2], scales[3], &requantize);
      *second++ = tb_requantize(sum[3], scales[2], scales[3], &requantize);
    }
    bias += 2;
    scales += 4;
  }
}

/* `scratch`: 16 bytes a group for the pair, then 8 a group for two windows unless direct. */
TB_KERNEL void tb_conv_s8(const struct tb_conv_s8 *p, const int8_t *input, int8_t *output,
                       tb_i32 *scratch) {
  const struct tb_window *const w = &p->window;
  const int32_t pixels = w->out_h * w->out_w, row = 4 * p->groups;
  int8_t *const windows = (int8_t *)(scratch + row);
  for (int32_t n = 0; n < w->batches; n++) {
    int32_t y = 0, x = 0;
    for (int32_t i = 0; i < pixels; i += 2) {
      /* A last single pixel is computed twice, to the same place. */
      const int32_t count = pixels - i < 2 ? 1 : 2;
      const int8_t *first = input, *second = input + (count - 1) * w->channels;
      if (p->direct) {
        input += count * w->channels;
      } else {
        for (int32_t j = 0; j < count; j++) {
          tb_copy_window(w, input, y * w->stride_h - w->pad_h, x * w->stride_w - w->pad_w,
                         (int8_t)p->pad, windows + j * row);
          if (++x == w->out_w) {
            x = 0;
            y++;
          }
        }
        first = windows;
        second = windows + (count - 1) * row;
      }
      tb_conv_pair(p, tb_pair(first, second, p->groups, scratch), output,
                   output + (count - 1) * p->outputs);
      output += count * p->outputs;
    }
    if (!p->direct) {
      input += w->in_h * w->in_w * w->channels;
    }
  }
}

#endif
