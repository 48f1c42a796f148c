/* Squares of differences of codes: both operands on a common scale, then the output's. */
#ifndef TB_SQUARED_DIFFERENCE_H
#define TB_SQUARED_DIFFERENCE_H

#include "tb_binary.h"
#include "tb_requantize.h"

/* Shifts are to the left if positive; `bits` are added to the operands. */
struct tb_squares {
  int32_t first_zero, first_multiplier, first_shift;
  int32_t second_zero, second_multiplier, second_shift;
  int32_t bits;
  int32_t multiplier, shift, output_zero;
  int32_t low, high;
};

static inline int32_t tb_squared_difference(const struct tb_squares *p, int32_t x, int32_t y) {
  const int32_t one = (int32_t)1 << p->bits;
  x = tb_rescale((x - p->first_zero) * one, p->first_multiplier, p->first_shift);
  y = tb_rescale((y - p->second_zero) * one, p->second_multiplier, p->second_shift);
  const int32_t code = tb_rescale((x - y) * (x - y), p->multiplier, p->shift);
  return tb_clamp(code + p->output_zero, p->low, p->high);
}

#endif
