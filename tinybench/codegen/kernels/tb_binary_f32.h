/* The kernels that make one number of two, with broadcasting: TB_BINARY_F32(name, result).
 *
 * `result` is an expression of *x and *y, elements of a and b, and of the parameters p; an element
 * that it does not need is not loaded. A macro, because each kernel is its own loop: nothing is
 * called for an element. */
#ifndef TB_BINARY_F32_H
#define TB_BINARY_F32_H

#include "tb_walk.h"

#define TB_BINARY_F32(name, result)                                              \
  TB_KERNEL void name(const struct name *p, const tb_f32 *a, const tb_f32 *b,    \
                      tb_f32 *output) {                                          \
    struct tb_position at = tb_walk_start();                                     \
    for (int32_t row = 0; row < p->walk.rows; row++) {                           \
      const tb_f32 *x = a + at.first, *y = b + at.second;                        \
      for (int32_t i = 0; i < p->walk.columns; i++) {                            \
        *output++ = result;                                                      \
        x += p->walk.first_step;                                                 \
        y += p->walk.second_step;                                                \
      }                                                                          \
      tb_walk_next(&p->walk, &at);                                               \
    }                                                                            \
  }

#endif
