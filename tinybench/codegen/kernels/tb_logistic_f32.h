/* output = 1 / (1 + e^-input), with TFLM's shortcuts for large magnitudes */
#ifndef TB_LOGISTIC_F32_H
#define TB_LOGISTIC_F32_H

#include "tb_exponential_f32.h"

struct tb_logistic_f32 {
  int32_t elements;
};

TB_KERNEL void tb_logistic_f32(const struct tb_logistic_f32 *p, const tb_f32 *input,
                               tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    if (value > 16.619047164916992188f) {
      output[i] = 1;
    } else if (value < -9) {
      output[i] = tb_exponential_f32(value);
    } else {
      output[i] = 1 / (1 + tb_exponential_f32(-value));
    }
  }
}

#endif
