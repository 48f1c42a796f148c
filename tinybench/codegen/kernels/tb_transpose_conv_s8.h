/* output = requantize(sum over input pixels that reach it of (input - zero point) * weights + bias)
 *
 * Four pixels of a phase at a time: their windows become columns that every channel of every phase
 * of the part is multiplied with. The zero point is subtracted in the columns, so what lies outside
 * of the image is 0: rows of taps that do are left out. */
#ifndef TB_TRANSPOSE_CONV_S8_H
#define TB_TRANSPOSE_CONV_S8_H

#include "tb_centred.h"
#include "tb_columns.h"
#include "tb_phases.h"
#include "tb_requantize.h"
#include "tb_window.h"

struct tb_transpose_conv_s8 {
  const int8_t *weights; /* phase, channel, tap row; each row filled up to a multiple of 4 */
  const int32_t *bias;
  struct tb_requantize requantize;
  struct tb_phases phases;
  struct tb_window window; /* of the input; taps and padding are a part's */
  int32_t outputs;         /* channels */
  int32_t pad;             /* the input's zero point */
  int32_t groups;          /* of 4 inputs, in the largest window */
};

/* All channels of a phase for the pixels in `columns`, which go to `to` + place. */
static inline void tb_transpose_conv_columns_s8(const struct tb_transpose_conv_s8 *p,
                                                const tb_i32 *columns, const int8_t *weights,
                                                int32_t groups, int32_t channel,
                                                int8_t *const to[4], int32_t place) {
  const struct tb_requantize requantize = p->requantize;
  const int32_t outputs = p->outputs;
  const int32_t *bias = p->bias, *scales = requantize.scales;
  int8_t *first = to[0] + place, *second = to[1] + place;
  int8_t *third = to[2] + place, *fourth = to[3] + place;
  for (int32_t c = 0; c < outputs; c++, scales += 2, weights += channel) {
    const int32_t multiplier = scales[0], shift = scales[1];
    int32_t sum[4];
    tb_dot_4x1(columns, weights, groups, *bias++, sum);
    *first++ = tb_requantize(sum[0], multiplier, shift, &requantize, TB_TRANSPOSE_CONV_S8_RANGE);
    *second++ = tb_requantize(sum[1], multiplier, shift, &requantize, TB_TRANSPOSE_CONV_S8_RANGE);
    *third++ = tb_requantize(sum[2], multiplier, shift, &requantize, TB_TRANSPOSE_CONV_S8_RANGE);
    *fourth++ = tb_requantize(sum[3], multiplier, shift, &requantize, TB_TRANSPOSE_CONV_S8_RANGE);
  }
}

/* `rows` of a part's pixels from row y on, whose windows have the same taps inside of the image. */
static inline void tb_transpose_conv_rows_s8(const struct tb_transpose_conv_s8 *p,
                                             const struct tb_part *part, const int32_t *places,
                                             const int8_t *weights, const int8_t *input,
                                             int8_t *output, int32_t y, int32_t rows,
                                             tb_i32 *scratch) {
  struct tb_window w = p->window;
  const struct tb_inside taps = tb_inside(y - part->pad_h, part->kernel_h, w.in_h);
  const uint32_t zero_points = tb_twice(p->pad);
  const int32_t inputs = part->kernel_w * w.channels, row_groups = (inputs + 3) / 4;
  const int32_t groups = (taps.end - taps.start) * row_groups;
  const int32_t channel = 4 * part->kernel_h * row_groups;
  int8_t *const patch = (int8_t *)scratch + TB_COLUMNS_BYTES * p->groups;
  w.kernel_h = taps.end - taps.start;
  w.kernel_w = part->kernel_w;
  weights += 4 * taps.start * row_groups;
  int32_t x = 0;
  for (int32_t pixels = rows * part->out_w; pixels > 0; pixels -= 4) {
    int8_t *to[4] = {output, output, output, output};
    TB_ROLLED
    for (int32_t lane = 0; lane < 4; lane++) {
      if (lane && lane >= pixels) {
        to[lane] = to[lane - 1]; /* the last pixel again: sums of anything else might overflow */
      } else {
        tb_copy_window(&w, input, y - part->pad_h + taps.start, x - part->pad_w, (int8_t)p->pad,
                       patch);
        to[lane] = output + y * p->phases.row + x * p->phases.column;
        if (++x == part->out_w) {
          x = 0;
          y++;
        }
      }
      for (int32_t i = 0; i < w.kernel_h; i++) {
        tb_spread_centred_s8(patch + i * inputs, row_groups, lane, zero_points,
                             scratch + i * row_groups * (TB_COLUMNS_BYTES / 4));
      }
    }
    for (int32_t k = 0; k < part->phases; k++) {
      tb_transpose_conv_columns_s8(p, scratch, weights + k * p->outputs * channel, groups, channel,
                                   to, places[k]);
    }
  }
}

/* `scratch`: 36 bytes for each of `groups`, and 4. */
TB_KERNEL void tb_transpose_conv_s8(const struct tb_transpose_conv_s8 *p, const int8_t *input,
                                    int8_t *output, tb_i32 *scratch) {
  const struct tb_window *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++) {
    const int32_t *places = p->phases.places;
    const int8_t *weights = p->weights;
    for (int32_t i = 0; i < p->phases.count; i++) {
      const struct tb_part part = tb_part(&p->phases, i);
      const int32_t row = (part.kernel_w * w->channels + 3) / 4 * 4;
      for (int32_t y = 0; y < part.out_h;) {
        const int32_t rows = tb_alike(&part, y, w->in_h);
        tb_transpose_conv_rows_s8(p, &part, places, weights, input, output, y, rows, scratch);
        y += rows;
      }
      places += part.phases;
      weights += part.phases * p->outputs * part.kernel_h * row;
    }
    input += w->in_h * w->in_w * w->channels;
    output += p->phases.image;
  }
}

#endif
