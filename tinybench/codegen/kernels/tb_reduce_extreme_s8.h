/* output = the largest or the smallest code among the elements of each output */
#ifndef TB_REDUCE_EXTREME_S8_H
#define TB_REDUCE_EXTREME_S8_H

#include "tb_walk.h"

struct tb_reduce_extreme_s8 {
  struct tb_walk outputs, elements; /* only the first offset of each is used */
  int32_t maximum;                  /* 1 for the largest, 0 for the smallest */
};

static inline int8_t tb_extreme_of(const struct tb_walk *elements, const int8_t *input,
                                   int32_t maximum) {
  struct tb_position at = tb_walk_start();
  int8_t found = input[0];
  for (int32_t row = 0; row < elements->rows; row++) {
    const int8_t *x = input + at.first;
    for (int32_t i = 0; i < elements->columns; i++) {
      const int8_t code = x[i * elements->first_step];
      found = (code > found) == maximum ? code : found;
    }
    tb_walk_next(elements, &at);
  }
  return found;
}

TB_KERNEL void tb_reduce_extreme_s8(const struct tb_reduce_extreme_s8 *p, const int8_t *input,
                                    int8_t *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->outputs.rows; row++) {
    for (int32_t i = 0; i < p->outputs.columns; i++) {
      const int8_t *from = input + at.first + i * p->outputs.first_step;
      *output++ = tb_extreme_of(&p->elements, from, p->maximum);
    }
    tb_walk_next(&p->outputs, &at);
  }
}

#endif
