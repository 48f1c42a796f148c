/* output = (a - b)^2, with broadcasting */
#ifndef TB_SQUARED_DIFFERENCE_F32_H
#define TB_SQUARED_DIFFERENCE_F32_H

#include "tb_walk.h"

struct tb_squared_difference_f32 {
  struct tb_walk walk;
};

TB_KERNEL void tb_squared_difference_f32(const struct tb_squared_difference_f32 *p,
                                         const tb_f32 *a, const tb_f32 *b, tb_f32 *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->walk.rows; row++) {
    const tb_f32 *x = a + at.first, *y = b + at.second;
    for (int32_t i = 0; i < p->walk.columns; i++) {
      *output++ = (*x - *y) * (*x - *y);
      x += p->walk.first_step;
      y += p->walk.second_step;
    }
    tb_walk_next(&p->walk, &at);
  }
}

#endif
