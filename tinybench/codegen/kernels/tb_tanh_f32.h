/* output = tanh(input)
 *
 * 1 - 2 / (e^2x + 1), and near zero, where that cancels, the odd polynomial of Cephes' tanhf
 * (S. Moshier, netlib.org/cephes). */
#ifndef TB_TANH_F32_H
#define TB_TANH_F32_H

#include "tb_exponential_f32.h"

struct tb_tanh_f32 {
  int32_t elements;
};

static inline float tb_tanh_value_f32(float value) {
  const float size = value < 0 ? -value : value;
  if (size < 0.625f) {
    const float square = value * value;
    float sum = -5.70498872745e-3f;
    sum = sum * square + 2.06390887954e-2f;
    sum = sum * square + -5.37397155531e-2f;
    sum = sum * square + 1.33314422036e-1f;
    sum = sum * square + -3.33332819422e-1f;
    return sum * square * value + value;
  }
  const float positive = 1 - 2 / (tb_exponential_f32(size + size) + 1);
  return value < 0 ? -positive : positive;
}

TB_KERNEL void tb_tanh_f32(const struct tb_tanh_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = tb_tanh_value_f32(input[i]);
  }
}

#endif
