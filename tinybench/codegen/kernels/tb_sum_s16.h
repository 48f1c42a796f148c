/* output = rescale(sum of the input over the reduced axes), clamped to int16: SUM and MEAN
 *
 * MEAN divides by the number of elements in its multiplier. */
#ifndef TB_SUM_S16_H
#define TB_SUM_S16_H

#include "tb_requantize.h"
#include "tb_walk.h"

struct tb_sum_s16 {
  struct tb_walk outputs, elements; /* only the first offset of each is used */
  int32_t multiplier, shift;        /* positive to the left */
};

static inline int32_t tb_sum_of_s16(const struct tb_walk *elements, const tb_i16 *input) {
  struct tb_position at = tb_walk_start();
  int32_t sum = 0;
  for (int32_t row = 0; row < elements->rows; row++) {
    for (int32_t i = 0; i < elements->columns; i++) {
      sum += input[at.first + i * elements->first_step];
    }
    tb_walk_next(elements, &at);
  }
  return sum;
}

TB_KERNEL void tb_sum_s16(const struct tb_sum_s16 *p, const tb_i16 *input, tb_i16 *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->outputs.rows; row++) {
    for (int32_t i = 0; i < p->outputs.columns; i++) {
      const int32_t sum = tb_sum_of_s16(&p->elements, input + at.first + i * p->outputs.first_step);
      const int32_t code = tb_rescale(sum, p->multiplier, p->shift);
      *output++ = (int16_t)tb_clamp(code, INT16_MIN, INT16_MAX);
    }
    tb_walk_next(&p->outputs, &at);
  }
}

#endif
