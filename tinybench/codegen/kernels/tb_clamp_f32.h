/* output = min(max(input, low), high); NaN stays */
#ifndef TB_CLAMP_F32_H
#define TB_CLAMP_F32_H

#include "tb_activate_f32.h"

struct tb_clamp_f32 {
  int32_t elements;
  float low, high;
};

TB_KERNEL void tb_clamp_f32(const struct tb_clamp_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    output[i] = tb_activate_f32(value, p->low, p->high);
  }
}

#endif
