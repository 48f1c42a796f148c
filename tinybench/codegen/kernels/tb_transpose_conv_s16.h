/* output = scale(sum over input pixels that reach it of input * weights + bias)
 *
 * As tb_transpose_conv_s8.h, whose columns these are, but zero points are 0 and sums have 64 bits.
 * A product has at most 23 bits, so 127 groups of four of them fit 32 bits: only the sums of these
 * parts are added up in 64, and if all fit 32 bits together with the bias (`narrow`), none are. */
#ifndef TB_TRANSPOSE_CONV_S16_H
#define TB_TRANSPOSE_CONV_S16_H

#include "tb_columns.h"
#include "tb_phases.h"
#include "tb_scale_s16.h"
#include "tb_window.h"

#define TB_TRANSPOSE_CONV_S16_PART 127

struct tb_transpose_conv_s16 {
  const int8_t *weights; /* phase, channel, tap row; each row filled up to a multiple of 4 */
  const int64_t *bias;
  struct tb_phases phases;
  struct tb_window window; /* of the input, whose channels are bytes; the rest is a part's */
  int32_t outputs;         /* channels */
  int32_t groups;          /* of 4 inputs, in the largest window */
  int32_t narrow;
  struct tb_scale_s16 scale;
};

/* All channels of a phase for the pixels in `columns`, which go to `to` + place. */
static inline void tb_transpose_conv_columns_s16(const struct tb_transpose_conv_s16 *p,
                                                 const tb_i32 *columns, const int8_t *weights,
                                                 int32_t groups, int32_t channel,
                                                 tb_i16 *const to[4], int32_t place) {
  for (int32_t c = 0; c < p->outputs; c++, place++, weights += channel) {
    int32_t some[4];
    if (p->narrow) {
      tb_dot_4x1(columns, weights, groups, (int32_t)p->bias[c], some);
      TB_ROLLED
      for (int32_t i = 0; i < 4; i++) {
        to[i][place] = tb_scale_narrow_s16(some[i], &p->scale, c);
      }
      continue;
    }
    int64_t sum[4] = {p->bias[c], p->bias[c], p->bias[c], p->bias[c]};
    for (int32_t done = 0; done < groups; done += TB_TRANSPOSE_CONV_S16_PART) {
      const int32_t rest = groups - done;
      const int32_t part = rest < TB_TRANSPOSE_CONV_S16_PART ? rest : TB_TRANSPOSE_CONV_S16_PART;
      tb_dot_4x1(columns + done * (TB_COLUMNS_BYTES / 4), weights + 4 * done, part, 0, some);
      TB_ROLLED
      for (int32_t i = 0; i < 4; i++) {
        sum[i] += some[i];
      }
    }
    TB_ROLLED
    for (int32_t i = 0; i < 4; i++) {
      to[i][place] = tb_scale_s16(sum[i], &p->scale, c);
    }
  }
}

/* `rows` of a part's pixels from row y on, whose windows have the same taps inside of the image. */
static inline void tb_transpose_conv_rows_s16(const struct tb_transpose_conv_s16 *p,
                                              const struct tb_part *part, const int32_t *places,
                                              const int8_t *weights, const int8_t *input,
                                              tb_i16 *output, int32_t y, int32_t rows,
                                              tb_i32 *scratch) {
  struct tb_window w = p->window;
  const struct tb_inside taps = tb_inside(y - part->pad_h, part->kernel_h, w.in_h);
  const int32_t inputs = part->kernel_w * (w.channels / 2), row_groups = (inputs + 3) / 4;
  const int32_t groups = (taps.end - taps.start) * row_groups;
  const int32_t channel = 4 * part->kernel_h * row_groups;
  tb_i16 *const patch = (tb_i16 *)(scratch + TB_COLUMNS_BYTES / 4 * p->groups);
  w.kernel_h = taps.end - taps.start;
  w.kernel_w = part->kernel_w;
  weights += 4 * taps.start * row_groups;
  int32_t x = 0;
  for (int32_t pixels = rows * part->out_w; pixels > 0; pixels -= 4) {
    tb_i16 *to[4] = {output, output, output, output};
    TB_ROLLED
    for (int32_t lane = 0; lane < 4; lane++) {
      if (lane && lane >= pixels) {
        to[lane] = to[lane - 1]; /* the last pixel again: sums of anything else might overflow */
      } else {
        tb_copy_window(&w, input, y - part->pad_h + taps.start, x - part->pad_w, 0,
                       (int8_t *)patch);
        to[lane] = output + y * p->phases.row + x * p->phases.column;
        if (++x == part->out_w) {
          x = 0;
          y++;
        }
      }
      for (int32_t i = 0; i < w.kernel_h; i++) {
        tb_spread_s16(patch + i * inputs, row_groups, lane,
                      scratch + i * row_groups * (TB_COLUMNS_BYTES / 4));
      }
    }
    for (int32_t k = 0; k < part->phases; k++) {
      tb_transpose_conv_columns_s16(p, scratch, weights + k * p->outputs * channel, groups,
                                    channel, to, places[k]);
    }
  }
}

/* `scratch`: 40 bytes for each of `groups`, and 8. */
TB_KERNEL void tb_transpose_conv_s16(const struct tb_transpose_conv_s16 *p, const tb_i16 *input,
                                     tb_i16 *output, tb_i32 *scratch) {
  const struct tb_window *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++) {
    const int32_t *places = p->phases.places;
    const int8_t *weights = p->weights;
    for (int32_t i = 0; i < p->phases.count; i++) {
      const struct tb_part part = tb_part(&p->phases, i);
      const int32_t row = (part.kernel_w * (w->channels / 2) + 3) / 4 * 4;
      for (int32_t y = 0; y < part.out_h;) {
        const int32_t rows = tb_alike(&part, y, w->in_h);
        tb_transpose_conv_rows_s16(p, &part, places, weights, (const int8_t *)input, output, y,
                                   rows, scratch);
        y += rows;
      }
      places += part.phases;
      weights += part.phases * p->outputs * part.kernel_h * row;
    }
    input += w->in_h * w->in_w * (w->channels / 2);
    output += p->phases.image;
  }
}

#endif
