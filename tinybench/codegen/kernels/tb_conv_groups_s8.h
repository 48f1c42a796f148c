/* output[n][y][x][c] = requantize(bias[c] + sum over a window and the channels of c's group of
 *                                 input * weight)
 *
 * As tb_conv_s8.h, but each group of output channels sees input channels of its own: these are
 * gathered from the windows of four pixels before they become columns. */
#ifndef TB_CONV_GROUPS_S8_H
#define TB_CONV_GROUPS_S8_H

#include "tb_columns.h"
#include "tb_requantize.h"
#include "tb_window.h"

struct tb_conv_groups_s8 {
  const int8_t *weights; /* a row for each channel, filled up to a multiple of 4 */
  const int32_t *bias;
  struct tb_requantize requantize;
  struct tb_window window;
  int32_t groups, depth, filters; /* groups of channels, input and output channels of one */
  int32_t quads;                  /* groups of 4 inputs in a window of `depth` channels */
  int32_t pad;                    /* the input's zero point */
};

/* Write the channels of a group of all taps of a window one after the other. */
static inline void tb_gather_group_s8(const struct tb_conv_groups_s8 *p, const int8_t *window,
                                      int8_t *row) {
  const int32_t taps = p->window.kernel_h * p->window.kernel_w;
  TB_ROLLED
  for (int32_t tap = 0; tap < taps; tap++, window += p->window.channels) {
    TB_ROLLED
    for (int32_t i = 0; i < p->depth; i++) {
      *row++ = window[i];
    }
  }
}

/* The channels of a group for the pixels in `columns`, which are `count`. */
static inline void tb_conv_group_s8(const struct tb_conv_groups_s8 *p, const tb_i32 *columns,
                                    int32_t first, int32_t count, int8_t *output) {
  const struct tb_requantize requantize = p->requantize;
  const int32_t outputs = p->groups * p->filters;
  const int8_t *weights = p->weights + 4 * first * p->quads;
  for (int32_t c = first; c < first + p->filters; c++) {
    const int32_t multiplier = requantize.scales[2 * c], shift = requantize.scales[2 * c + 1];
    int32_t sum[4];
    weights = tb_dot_4x1(columns, weights, p->quads, p->bias[c], sum);
    TB_ROLLED
    for (int32_t i = 0; i < count; i++) {
      output[i * outputs + c] =
          tb_requantize(sum[i], multiplier, shift, &requantize, TB_CONV_GROUPS_S8_RANGE);
    }
  }
}

/* `scratch`: 32 bytes a quad for the columns, four windows, and 4 bytes a quad for a row. */
TB_KERNEL void tb_conv_groups_s8(const struct tb_conv_groups_s8 *p, const int8_t *input,
                                 int8_t *output, tb_i32 *scratch) {
  const struct tb_window *const w = &p->window;
  const int32_t window = w->kernel_h * w->kernel_w * w->channels;
  int8_t *const row = (int8_t *)scratch + TB_COLUMNS_BYTES * p->quads;
  int8_t *const patch = row + 4 * p->quads;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    int32_t y = 0, x = 0;
    for (int32_t pixels = w->out_h * w->out_w; pixels > 0; pixels -= 4) {
      const int32_t count = pixels < 4 ? pixels : 4;
      for (int32_t lane = 0; lane < count; lane++) {
        tb_copy_window(w, input, y * w->stride_h - w->pad_h, x * w->stride_w - w->pad_w,
                       (int8_t)p->pad, patch + lane * window);
        if (++x == w->out_w) {
          x = 0;
          y++;
        }
      }
      for (int32_t g = 0; g < p->groups; g++) {
        for (int32_t lane = 0; lane < 4; lane++) {
          /* The last pixel again where there are fewer: sums of anything else might overflow. */
          const int32_t from = lane < count ? lane : count - 1;
          tb_gather_group_s8(p, patch + from * window + g * p->depth, row);
          tb_spread_s8(row, p->quads, lane, scratch);
        }
        tb_conv_group_s8(p, scratch, g * p->filters, count, output);
      }
      output += count * p->groups * p->filters;
    }
  }
}

#endif
