/* output[n][y][x][c] = requantize(bias[c] + sum over a window and its channels of input * weight)
 *
 * Four output pixels at a time: their windows become columns that every channel is multiplied
 * with. The input's zero point is folded into the bias; what lies outside of the image reads as
 * it. A 1x1 window without stride is read where it stands. */
#ifndef TB_CONV_S8_H
#define TB_CONV_S8_H

#include "tb_columns.h"
#include "tb_requantize.h"
#include "tb_window.h"

struct tb_conv_s8 {
  const int8_t *weights; /* a row for each channel, filled up to a multiple of 4 */
  const int32_t *bias;
  struct tb_requantize requantize;
  struct tb_window window;
  int32_t outputs, groups; /* channels; groups of 4 inputs in a window */
  int32_t pad;             /* the input's zero point */
  int32_t direct;          /* 1 if the windows of consecutive pixels follow each other */
};

/* All channels of the pixels in `columns`. With fewer than four, the lanes that are left are the
 * last pixel's again and have its place. */
static inline void tb_conv_columns(const struct tb_conv_s8 *p, const tb_i32 *columns,
                                   int32_t count, int8_t *output) {
  const struct tb_requantize requantize = p->requantize;
  const int32_t groups = p->groups, outputs = p->outputs;
  const int8_t *weights = p->weights;
  const int32_t *bias = p->bias, *scales = requantize.scales;
  int8_t *const second = output + (count > 1 ? outputs : 0);
  int8_t *const third = second + (count > 2 ? outputs : 0);
  int8_t *const fourth = third + (count > 3 ? outputs : 0);
  for (int32_t c = 0; c < outputs; c++, scales += 2) {
    const int32_t multiplier = scales[0], shift = scales[1];
    int32_t sum[4];
    weights = tb_dot_4x1(columns, weights, groups, *bias++, sum);
    output[c] = tb_requantize(sum[0], multiplier, shift, &requantize, TB_CONV_S8_RANGE);
    second[c] = tb_requantize(sum[1], multiplier, shift, &requantize, TB_CONV_S8_RANGE);
    third[c] = tb_requantize(sum[2], multiplier, shift, &requantize, TB_CONV_S8_RANGE);
    fourth[c] = tb_requantize(sum[3], multiplier, shift, &requantize, TB_CONV_S8_RANGE);
  }
}

/* `scratch`: 32 bytes a group for the columns, then 4 a group for a window unless direct. */
TB_KERNEL void tb_conv_s8(const struct tb_conv_s8 *p, const int8_t *input, int8_t *output,
                          tb_i32 *scratch) {
  const struct tb_window *const w = &p->window;
  const int32_t groups = p->groups;
  int8_t *const patch = (int8_t *)scratch + TB_COLUMNS_BYTES * groups;
  for (int32_t n = 0; n < w->batches; n++) {
    int32_t y = 0, x = 0;
    for (int32_t pixels = w->out_h * w->out_w; pixels > 0; pixels -= 4) {
      const int32_t count = pixels < 4 ? pixels : 4;
      const int8_t *row = patch;
      TB_ROLLED
      for (int32_t lane = 0; lane < 4; lane++) {
        if (lane >= count) {
          /* The last pixel again: sums of what happens to be there might overflow. */
        } else if (p->direct) {
          row = input;
          input += w->channels;
        } else {
          tb_copy_window(w, input, y * w->stride_h - w->pad_h, x * w->stride_w - w->pad_w,
                         (int8_t)p->pad, patch);
          if (++x == w->out_w) {
            x = 0;
            y++;
          }
        }
        tb_spread_s8(row, groups, lane, scratch);
      }
      tb_conv_columns(p, scratch, count, output);
      output += count * p->outputs;
    }
    if (!p->direct) {
      input += w->in_h * w->in_w * w->channels;
    }
  }
}

#endif
