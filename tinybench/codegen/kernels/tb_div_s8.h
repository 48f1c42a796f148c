/* output = rescale((a - a_zero) / (b - b_zero)), with broadcasting
 *
 * A division by zero gives the output's zero point; TFLM stops there. */
#ifndef TB_DIV_S8_H
#define TB_DIV_S8_H

#include "tb_binary.h"
#include "tb_softmax.h"

struct tb_div_s8 {
  struct tb_walk walk;
  int32_t first_zero, second_zero;
  int32_t multiplier, shift; /* positive to the left */
  int32_t output_zero;
  int32_t low, high;
};

static inline int8_t tb_quotient_s8(const struct tb_div_s8 *p, int32_t x, int32_t y) {
  x -= p->first_zero;
  y -= p->second_zero;
  int32_t code = p->output_zero;
  if (x != 0 && y != 0) {
    const struct tb_reciprocal by = tb_reciprocal(y < 0 ? -y : y);
    int32_t shift = p->shift - (by.shift + 19);
    x = y < 0 ? -x : x;
    for (; x < (int32_t)1 << 30 && x >= -((int32_t)1 << 30); x *= 2) { /* as far as there is room */
      shift--;
    }
    code += tb_rescale(tb_high_multiply(x, by.scale), p->multiplier, shift);
  }
  return (int8_t)tb_clamp(code, p->low, p->high);
}

TB_BINARY(tb_div_s8, int8_t, int8_t, tb_quotient_s8(p, *x, *y))

#endif
