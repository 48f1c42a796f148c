/* output = round(input / scale) + zero, clamped: the codes of real numbers, ties away from zero.
 *
 * What is no number gets the lowest code. */
#ifndef TB_QUANTIZE_H
#define TB_QUANTIZE_H

#include "tb_code.h"

struct tb_quantize {
  int32_t to;  /* type: TB_INT8 and so on */
  float scale; /* TFLM divides by it; multiplying by 1 / scale would give other codes */
  int32_t zero, low, high;
  int32_t elements;
};

/* Codes are clamped long before 2^17, and up to there all of this is exact. */
static inline int32_t tb_round(float x) {
  const float limit = 131072.0f;
  x = x > -limit ? x : -limit;
  x = x < limit ? x : limit;
  const int32_t whole = (int32_t)x;
  const float rest = x - (float)whole; /* x + 0.5 would round before it is cut */
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

TB_KERNEL void tb_quantize(const struct tb_quantize *p, const void *input, void *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const int32_t code = tb_round(((const tb_f32 *)input)[i] / p->scale) + p->zero;
    tb_code_store(output, p->to, i, tb_clamp(code, p->low, p->high));
  }
}

#endif
