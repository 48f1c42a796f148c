/* The kernels that find where the largest or the smallest stands: TB_ARG_EXTREME(name, type). */
#ifndef TB_ARG_EXTREME_H
#define TB_ARG_EXTREME_H

#include "tb_walk.h"

#define TB_ARG_EXTREME(name, type)                                                \
  TB_KERNEL void name(const struct name *p, const type *input, tb_i32 *output) {  \
    struct tb_position at = tb_walk_start();                                      \
    for (int32_t row = 0; row < p->outputs.rows; row++) {                         \
      for (int32_t i = 0; i < p->outputs.columns; i++) {                          \
        const type *x = input + at.first + i * p->outputs.first_step;             \
        type best = x[0];                                                         \
        int32_t found = 0;                                                        \
        for (int32_t k = 1; k < p->elements.columns; k++) {                       \
          const type one = x[k * p->elements.first_step];                         \
          if (p->maximum ? one > best : one < best) {                             \
            best = one;                                                           \
            found = k;                                                            \
          }                                                                       \
        }                                                                         \
        *output++ = found;                                                        \
      }                                                                           \
      tb_walk_next(&p->outputs, &at);                                             \
    }                                                                             \
  }

#endif
