/* output = square root of the input; see tb_root_f32.h */
#ifndef TB_SQRT_F32_H
#define TB_SQRT_F32_H

#include "tb_root_f32.h"

struct tb_sqrt_f32 {
  int32_t elements;
};

TB_KERNEL void tb_sqrt_f32(const struct tb_sqrt_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    output[i] = tb_root_f32(value);
  }
}

#endif
