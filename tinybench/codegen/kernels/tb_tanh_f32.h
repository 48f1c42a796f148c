/* output = tanh(input), from e^2x - 1, as fdlibm and glibc have it; see tb_expm1_f32.h */
#ifndef TB_TANH_F32_H
#define TB_TANH_F32_H

#include "tb_expm1_f32.h"
#include "tb_unary_f32.h"

struct tb_tanh_f32 {
  int32_t elements;
};

static inline float tb_tanh_value_f32(float x) {
  const float size = x < 0 ? -x : x;
  if (size < 2.77555756e-17f || x != x) { /* 2^-55 */
    return x;
  }
  float positive = 1;
  if (size < 1) {
    const float t = tb_expm1_f32(-2 * size);
    positive = -t / (t + 2);
  } else if (size < 22) {
    positive = 1 - 2 / (tb_expm1_f32(2 * size) + 2);
  }
  return x < 0 ? -positive : positive;
}

TB_UNARY_F32(tb_tanh_f32, tb_tanh_value_f32(value))

#endif
