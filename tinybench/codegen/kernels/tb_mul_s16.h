/* output = rescale(a * b), with broadcasting */
#ifndef TB_MUL_S16_H
#define TB_MUL_S16_H

#include "tb_requantize.h"
#include "tb_walk.h"

struct tb_mul_s16 {
  struct tb_walk walk;
  int32_t multiplier, shift; /* positive to the left */
  int32_t low, high;
};

TB_KERNEL void tb_mul_s16(const struct tb_mul_s16 *p, const tb_i16 *a, const tb_i16 *b,
                          tb_i16 *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->walk.rows; row++) {
    const tb_i16 *x = a + at.first, *y = b + at.second;
    for (int32_t i = 0; i < p->walk.columns; i++) {
      const int32_t code = tb_rescale(*x * *y, p->multiplier, p->shift);
      *output++ = (int16_t)tb_clamp(code, p->low, p->high);
      x += p->walk.first_step;
      y += p->walk.second_step;
    }
    tb_walk_next(&p->walk, &at);
  }
}

#endif
