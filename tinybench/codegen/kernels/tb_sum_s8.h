/* output = rescale(sum of input - zeros) + output_zero, clamped to int8: SUM and MEAN
 *
 * `zeros` is the input's zero point times the number of elements. MEAN divides by that number in
 * its multiplier. */
#ifndef TB_SUM_S8_H
#define TB_SUM_S8_H

#include "tb_requantize.h"
#include "tb_walk.h"

struct tb_sum_s8 {
  struct tb_walk outputs, elements; /* only the first offset of each is used */
  int32_t zeros;
  int32_t multiplier, shift; /* positive to the left */
  int32_t output_zero;
};

static inline int32_t tb_sum_of(const struct tb_walk *elements, const int8_t *input) {
  const int32_t columns = elements->columns, step = elements->first_step;
  struct tb_position at = tb_walk_start();
  int32_t sum = 0;
  for (int32_t row = 0; row < elements->rows; row++) {
    const int8_t *x = input + at.first;
    for (int32_t i = 0; i < columns; i++) {
      sum += x[i * step];
    }
    tb_walk_next(elements, &at);
  }
  return sum;
}

TB_KERNEL void tb_sum_s8(const struct tb_sum_s8 *p, const int8_t *input, int8_t *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->outputs.rows; row++) {
    for (int32_t i = 0; i < p->outputs.columns; i++) {
      const int8_t *from = input + at.first + i * p->outputs.first_step;
      const int32_t sum = tb_sum_of(&p->elements, from) - p->zeros;
      const int32_t code = tb_rescale(sum, p->multiplier, p->shift) + p->output_zero;
      *output++ = (int8_t)tb_clamp(code, -128, 127);
    }
    tb_walk_next(&p->outputs, &at);
  }
}

#endif
