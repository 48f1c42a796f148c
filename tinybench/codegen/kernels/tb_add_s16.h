/* output = rescale(rescale(a * 2^15) + sign * rescale(b * 2^15)), with broadcasting
 *
 * ADD and SUB on a common scale with 15 more bits; all shifts are to the right. */
#ifndef TB_ADD_S16_H
#define TB_ADD_S16_H

#include "tb_requantize.h"
#include "tb_walk.h"

struct tb_add_s16 {
  struct tb_walk walk;
  int32_t multiplier_a, shift_a;
  int32_t multiplier_b, shift_b, sign;
  int32_t multiplier, shift;
  int32_t low, high;
};

static inline int32_t tb_add_scaled_s16(int32_t value, int32_t multiplier, int32_t shift) {
  return tb_divide_by_power(tb_high_multiply(value, multiplier), shift);
}

TB_KERNEL void tb_add_s16(const struct tb_add_s16 *p, const tb_i16 *a, const tb_i16 *b,
                          tb_i16 *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->walk.rows; row++) {
    const tb_i16 *x = a + at.first, *y = b + at.second;
    for (int32_t i = 0; i < p->walk.columns; i++) {
      const int32_t first = tb_add_scaled_s16(*x * 32768, p->multiplier_a, p->shift_a);
      const int32_t second = tb_add_scaled_s16(*y * 32768, p->multiplier_b, p->shift_b);
      const int32_t sum = first + p->sign * second;
      const int32_t code = tb_add_scaled_s16(sum, p->multiplier, p->shift);
      *output++ = (int16_t)tb_clamp(code, p->low, p->high);
      x += p->walk.first_step;
      y += p->walk.second_step;
    }
    tb_walk_next(&p->walk, &at);
  }
}

#endif
