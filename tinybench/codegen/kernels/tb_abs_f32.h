/* output = |input| */
#ifndef TB_ABS_F32_H
#define TB_ABS_F32_H

#include "tb_types.h"

struct tb_abs_f32 {
  int32_t elements;
};

TB_KERNEL void tb_abs_f32(const struct tb_abs_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    output[i] = value > 0 ? value : 0 - value; /* +0 for -0 */
  }
}

#endif
