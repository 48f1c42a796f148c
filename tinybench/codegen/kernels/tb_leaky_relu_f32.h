/* output = input > 0 ? input : alpha * input */
#ifndef TB_LEAKY_RELU_F32_H
#define TB_LEAKY_RELU_F32_H

#include "tb_types.h"

struct tb_leaky_relu_f32 {
  int32_t elements;
  float alpha;
};

TB_KERNEL void tb_leaky_relu_f32(const struct tb_leaky_relu_f32 *p, const tb_f32 *input,
                                 tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    output[i] = value > 0 ? value : value * p->alpha;
  }
}

#endif
