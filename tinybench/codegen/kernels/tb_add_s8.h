/* output = requantize(wide_factor * (wide - wide_zero) + sign * rescale((other - zero) * 2^20))
 *
 * ADD and SUB on a common scale with 20 more bits. The operand of the larger scale has the
 * multiplier 1/2 there, so `wide_factor` is 2^19, negative where it is subtracted; the other one
 * is `rescale`d as TFLM does, and `sign` is applied after rounding. */
#ifndef TB_ADD_S8_H
#define TB_ADD_S8_H

#include "tb_requantize.h"
#include "tb_walk.h"

struct tb_add_s8 {
  struct tb_walk walk; /* first: the wide operand, second: the other */
  int32_t wide_zero, wide_factor;
  int32_t zero, sign, multiplier, shift; /* shifts are to the right */
  int32_t output_multiplier, output_shift, output_zero;
  int32_t low, high;
};

static inline void tb_add_s8_row(const struct tb_add_s8 *p, const int8_t *wide, const int8_t *other,
                                 int8_t *output) {
  const int32_t columns = p->walk.columns;
  const int32_t wide_step = p->walk.first_step, step = p->walk.second_step;
  const int32_t wide_zero = p->wide_zero, wide_factor = p->wide_factor;
  const int32_t zero = p->zero, sign = p->sign, multiplier = p->multiplier, shift = p->shift;
  const int32_t output_multiplier = p->output_multiplier, output_shift = p->output_shift;
  const int32_t output_zero = p->output_zero, low = p->low, high = p->high;
  for (int32_t i = 0; i < columns; i++, wide += wide_step, other += step) {
    const int32_t fine = (*other - zero) * ((int32_t)1 << 20);
    const int32_t scaled = tb_divide_by_power(tb_high_multiply(fine, multiplier), shift);
    const int32_t sum = (*wide - wide_zero) * wide_factor + sign * scaled;
    const int32_t code = tb_divide_by_power(tb_high_multiply(sum, output_multiplier), output_shift);
    output[i] = (int8_t)tb_clamp(code + output_zero, low, high);
  }
}

TB_KERNEL void tb_add_s8(const struct tb_add_s8 *p, const int8_t *wide, const int8_t *other,
                         int8_t *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->walk.rows; row++, output += p->walk.columns) {
    tb_add_s8_row(p, wide + at.first, other + at.second, output);
    tb_walk_next(&p->walk, &at);
  }
}

#endif
