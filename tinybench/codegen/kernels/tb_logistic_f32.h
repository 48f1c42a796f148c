/* output = 1 / (1 + e^-input), with TFLM's shortcuts for large magnitudes */
#ifndef TB_LOGISTIC_F32_H
#define TB_LOGISTIC_F32_H

#include "tb_exponential_f32.h"
#include "tb_unary_f32.h"

struct tb_logistic_f32 {
  int32_t elements;
};

static inline float tb_logistic_value_f32(float value) {
  if (value > 16.619047164916992188f) {
    return 1;
  }
  if (value < -9) {
    return tb_exponential_f32(value);
  }
  return 1 / (1 + tb_exponential_f32(-value));
}

TB_UNARY_F32(tb_logistic_f32, tb_logistic_value_f32(value))

#endif
