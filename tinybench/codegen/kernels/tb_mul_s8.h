/* output = rescale((first - first_zero) * (second - second_zero)) + output_zero, clamped */
#ifndef TB_MUL_S8_H
#define TB_MUL_S8_H

#include "tb_requantize.h"
#include "tb_walk.h"

struct tb_mul_s8 {
  struct tb_walk walk;
  int32_t first_zero, second_zero;
  int32_t multiplier, shift; /* positive to the left */
  int32_t output_zero, low, high;
};

static inline void tb_mul_s8_row(const struct tb_mul_s8 *p, const int8_t *first,
                                 const int8_t *second, int8_t *output) {
  const int32_t columns = p->walk.columns;
  const int32_t first_step = p->walk.first_step, second_step = p->walk.second_step;
  const int32_t first_zero = p->first_zero, second_zero = p->second_zero;
  const int32_t multiplier = p->multiplier, shift = p->shift;
  const int32_t output_zero = p->output_zero, low = p->low, high = p->high;
  for (int32_t i = 0; i < columns; i++, first += first_step, second += second_step) {
    const int32_t product = (*first - first_zero) * (*second - second_zero);
    const int32_t code = tb_rescale(product, multiplier, shift) + output_zero;
    output[i] = (int8_t)tb_clamp(code, low, high);
  }
}

TB_KERNEL void tb_mul_s8(const struct tb_mul_s8 *p, const int8_t *first, const int8_t *second,
                         int8_t *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->walk.rows; row++, output += p->walk.columns) {
    tb_mul_s8_row(p, first + at.first, second + at.second, output);
    tb_walk_next(&p->walk, &at);
  }
}

#endif
