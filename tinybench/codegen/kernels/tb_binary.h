/* The kernels that make one number of two, with broadcasting: TB_BINARY(name, from, to, result).
 *
 * `from` and `to` are types of the operands and of the output. `result` is an expression of *x and
 * *y, elements of a and b, and of the parameters p; an element that it does not need is not loaded.
 * A macro, because each kernel is its own loop: nothing is called for an element. */
#ifndef TB_BINARY_H
#define TB_BINARY_H

#include "tb_walk.h"

typedef int64_t TB_MAY_ALIAS TB_ALIGN(4) tb_i64; /* tensors are at multiples of four */

#define TB_BINARY(name, from, to, result)                                        \
  TB_KERNEL void name(const struct name *p, const from *a, const from *b,        \
                      to *output) {                                              \
    struct tb_position at = tb_walk_start();                                     \
    for (int32_t row = 0; row < p->walk.rows; row++) {                           \
      const from *x = a + at.first, *y = b + at.second;                          \
      for (int32_t i = 0; i < p->walk.columns; i++) {                            \
        *output++ = result;                                                      \
        x += p->walk.first_step;                                                 \
        y += p->walk.second_step;                                                \
      }                                                                          \
      tb_walk_next(&p->walk, &at);                                               \
    }                                                                            \
  }

#endif
