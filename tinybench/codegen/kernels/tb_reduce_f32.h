/* output = sum of the input over the reduced axes, or their mean if `divide` is set
 *
 * Each sum takes its elements in the order of the input. */
#ifndef TB_REDUCE_F32_H
#define TB_REDUCE_F32_H

#include "tb_walk.h"

struct tb_reduce_f32 {
  struct tb_walk outputs, elements; /* only the first offset of each is used */
  int32_t divide;
};

static inline float tb_sum_f32(const struct tb_walk *elements, const tb_f32 *input) {
  struct tb_position at = tb_walk_start();
  float sum = 0;
  for (int32_t row = 0; row < elements->rows; row++) {
    for (int32_t i = 0; i < elements->columns; i++) {
      sum += input[at.first + i * elements->first_step];
    }
    tb_walk_next(elements, &at);
  }
  return sum;
}

TB_KERNEL void tb_reduce_f32(const struct tb_reduce_f32 *p, const tb_f32 *input, tb_f32 *output) {
  const float count = (float)(p->elements.rows * p->elements.columns);
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->outputs.rows; row++) {
    for (int32_t i = 0; i < p->outputs.columns; i++) {
      const float sum = tb_sum_f32(&p->elements, input + at.first + i * p->outputs.first_step);
      *output++ = p->divide ? sum / count : sum;
    }
    tb_walk_next(&p->outputs, &at);
  }
}

#endif
