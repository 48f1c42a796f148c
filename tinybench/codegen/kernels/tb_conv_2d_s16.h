/* output[n][y][x][c] = scale(sum over a window and its channels of input * weights + bias[c])
 *
 * Four output pixels at a time: their windows become columns that every channel is multiplied
 * with. What lies outside of the image is 0, and so is the zero point. A 1x1 window without stride
 * is read where it stands. Output channels are in groups that see `depth` input channels each;
 * usually one group sees all.
 *
 * A product has at most 23 bits, so 127 groups of four of them fit 32 bits: only the sums of these
 * parts are added up in 64, and if all fit 32 bits together with the bias (`narrow`), none are. */
#ifndef TB_CONV_2D_S16_H
#define TB_CONV_2D_S16_H

#include "tb_columns.h"
#include "tb_scale_s16.h"
#include "tb_window.h"

#define TB_CONV_2D_S16_PART 127

struct tb_conv_2d_s16 {
  const int8_t *weights; /* a row for each channel, filled up to a multiple of 4 */
  const int64_t *bias;
  struct tb_window window;        /* its channels are bytes */
  int32_t groups, depth, filters; /* groups of channels, input and output channels of one */
  int32_t quads;                  /* groups of 4 inputs in a window of `depth` channels */
  int32_t direct;                 /* 1 if the windows of consecutive pixels follow each other */
  int32_t narrow;
  struct tb_scale_s16 scale;
};

/* The sums of four pixels for the channel whose weights these are. */
static inline const int8_t *tb_conv_2d_sum_s16(const tb_i32 *columns, const int8_t *weights,
                                               int32_t quads, int64_t bias, int64_t sum[4]) {
  sum[0] = sum[1] = sum[2] = sum[3] = bias;
  while (quads > 0) {
    const int32_t part = quads < TB_CONV_2D_S16_PART ? quads : TB_CONV_2D_S16_PART;
    int32_t some[4];
    weights = tb_dot_4x1(columns, weights, part, 0, some);
    TB_ROLLED
    for (int32_t i = 0; i < 4; i++) {
      sum[i] += some[i];
    }
    columns += part * (TB_COLUMNS_BYTES / 4);
    quads -= part;
  }
  return weights;
}

/* The channels of a group for the pixels in `columns`, which are `count`. */
static inline const int8_t *tb_conv_2d_group_s16(const struct tb_conv_2d_s16 *p,
                                                 const int8_t *weights, const tb_i32 *columns,
                                                 int32_t first, int32_t count, tb_i16 *output) {
  const int32_t outputs = p->groups * p->filters;
  for (int32_t c = first; c < first + p->filters; c++) {
    if (p->narrow) {
      int32_t sum[4];
      weights = tb_dot_4x1(columns, weights, p->quads, (int32_t)p->bias[c], sum);
      TB_ROLLED
      for (int32_t i = 0; i < count; i++) {
        output[i * outputs + c] = tb_scale_narrow_s16(sum[i], &p->scale, c);
      }
    } else {
      int64_t sum[4];
      weights = tb_conv_2d_sum_s16(columns, weights, p->quads, p->bias[c], sum);
      TB_ROLLED
      for (int32_t i = 0; i < count; i++) {
        output[i * outputs + c] = tb_scale_s16(sum[i], &p->scale, c);
      }
    }
  }
  return weights;
}

/* Write the channels of a group of all taps of a window one after the other. */
static inline void tb_conv_2d_gather_s16(const struct tb_conv_2d_s16 *p, const tb_i16 *window,
                                         int32_t group, tb_i16 *row) {
  const int32_t taps = p->window.kernel_h * p->window.kernel_w, depth = p->depth;
  TB_ROLLED
  for (int32_t tap = 0; tap < taps; tap++) {
    TB_ROLLED
    for (int32_t i = 0; i < depth; i++) {
      *row++ = window[(tap * p->groups + group) * depth + i];
    }
  }
}

/* `scratch`: 32 bytes a quad for the columns; unless direct, room for a window and, with more than
 * one group, for four windows and a row of quads instead. */
TB_KERNEL void tb_conv_2d_s16(const struct tb_conv_2d_s16 *p, const tb_i16 *input, tb_i16 *output,
                              tb_i32 *scratch) {
  const struct tb_window *const w = &p->window;
  const int32_t quads = p->quads, outputs = p->groups * p->filters;
  const int32_t window = p->groups > 1 ? w->kernel_h * w->kernel_w * w->channels : 0;
  int8_t *const patch = (int8_t *)scratch + TB_COLUMNS_BYTES * quads;
  tb_i16 *const gathered = (tb_i16 *)(void *)(patch + 4 * window);
  for (int32_t n = 0; n < w->batches; n++) {
    int32_t y = 0, x = 0;
    for (int32_t pixels = w->out_h * w->out_w; pixels > 0; pixels -= 4) {
      const int32_t count = pixels < 4 ? pixels : 4;
      TB_ROLLED
      for (int32_t lane = 0; lane < count; lane++) {
        const tb_i16 *row = (const tb_i16 *)(void *)patch;
        if (p->direct) {
          row = input;
          input += p->depth;
        } else {
          tb_copy_window(w, (const int8_t *)input, y * w->stride_h - w->pad_h,
                         x * w->stride_w - w->pad_w, 0, patch + lane * window);
          if (++x == w->out_w) {
            x = 0;
            y++;
          }
        }
        if (p->groups == 1) {
          tb_spread_s16(row, quads, lane, scratch);
        }
      }
      const int8_t *weights = p->weights;
      for (int32_t g = 0; g < p->groups; g++) {
        if (p->groups > 1) {
          TB_ROLLED
          for (int32_t lane = 0; lane < count; lane++) {
            const int8_t *const from = patch + lane * window;
            tb_conv_2d_gather_s16(p, (const tb_i16 *)(const void *)from, g, gathered);
            tb_spread_s16(gathered, quads, lane, scratch);
          }
        }
        weights = tb_conv_2d_group_s16(p, weights, scratch, g * p->filters, count, output);
      }
      output += count * outputs;
    }
    if (!p->direct) {
      input += w->in_h * w->in_w * (w->channels / 2);
    }
  }
}

#endif
