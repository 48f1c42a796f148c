/* The kernels that make one float32 of another: TB_UNARY_F32(name, result).
 *
 * `result` is an expression of `value`, an element of the input, and of the parameters p. */
#ifndef TB_UNARY_F32_H
#define TB_UNARY_F32_H

#include "tb_types.h"

#define TB_UNARY_F32(name, result)                                              \
  TB_KERNEL void name(const struct name *p, const tb_f32 *input, tb_f32 *output) { \
    for (int32_t i = 0; i < p->elements; i++) {                                 \
      const float value = input[i];                                             \
      output[i] = result;                                                       \
    }                                                                           \
  }

#endif
