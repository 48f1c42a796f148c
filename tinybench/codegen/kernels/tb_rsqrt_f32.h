/* output = 1 / square root of the input; see tb_root_f32.h */
#ifndef TB_RSQRT_F32_H
#define TB_RSQRT_F32_H

#include "tb_root_f32.h"

struct tb_rsqrt_f32 {
  int32_t elements;
};

TB_KERNEL void tb_rsqrt_f32(const struct tb_rsqrt_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    output[i] = 1 / tb_root_f32(value);
  }
}

#endif
