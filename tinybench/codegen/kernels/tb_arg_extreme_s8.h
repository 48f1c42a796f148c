/* output = the index of the largest or the smallest code along an axis, the first of equals */
#ifndef TB_ARG_EXTREME_S8_H
#define TB_ARG_EXTREME_S8_H

#include "tb_walk.h"

struct tb_arg_extreme_s8 {
  struct tb_walk outputs, elements; /* `elements` is one row: the axis */
  int32_t maximum;                  /* 1 for the largest, 0 for the smallest */
};

TB_KERNEL void tb_arg_extreme_s8(const struct tb_arg_extreme_s8 *p, const int8_t *input,
                                 void *output) {
  struct tb_position at = tb_walk_start();
  tb_i32 *to = (tb_i32 *)output;
  for (int32_t row = 0; row < p->outputs.rows; row++) {
    for (int32_t i = 0; i < p->outputs.columns; i++) {
      const int8_t *x = input + at.first + i * p->outputs.first_step;
      int32_t best = x[0], found = 0;
      for (int32_t k = 1; k < p->elements.columns; k++) {
        const int32_t code = x[k * p->elements.first_step];
        if (p->maximum ? code > best : code < best) {
          best = code;
          found = k;
        }
      }
      *to++ = found;
    }
    tb_walk_next(&p->outputs, &at);
  }
}

#endif
