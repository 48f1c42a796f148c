/* The largest or the smallest of many: TB_REDUCE_EXTREME(name, type, low, high) is a kernel.
 *
 * The elements of each output are compared with what is found so far, which is at first the lowest
 * or the highest number of the type. */
#ifndef TB_REDUCE_EXTREME_H
#define TB_REDUCE_EXTREME_H

#include "tb_walk.h"

#define TB_REDUCE_EXTREME(name, type, low, high)                                        \
  static inline type name##_of(const struct tb_walk *elements, const type *input,       \
                               int32_t maximum) {                                       \
    struct tb_position at = tb_walk_start();                                            \
    type found = maximum ? low : high;                                                  \
    for (int32_t row = 0; row < elements->rows; row++) {                                \
      const type *x = input + at.first;                                                 \
      for (int32_t i = 0; i < elements->columns; i++, x += elements->first_step) {      \
        found = (maximum ? *x > found : *x < found) ? *x : found;                       \
      }                                                                                 \
      tb_walk_next(elements, &at);                                                      \
    }                                                                                   \
    return found;                                                                       \
  }                                                                                     \
  TB_KERNEL void name(const struct name *p, const type *input, type *output) {          \
    struct tb_position at = tb_walk_start();                                            \
    for (int32_t row = 0; row < p->outputs.rows; row++) {                               \
      for (int32_t i = 0; i < p->outputs.columns; i++) {                                \
        const type *from = input + at.first + i * p->outputs.first_step;                \
        *output++ = name##_of(&p->elements, from, p->maximum);                          \
      }                                                                                 \
      tb_walk_next(&p->outputs, &at);                                                   \
    }                                                                                   \
  }

#endif
