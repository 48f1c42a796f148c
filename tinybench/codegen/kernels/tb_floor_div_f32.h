/* output = floor(a / b), with broadcasting; the quotient is floored before it is rounded
 *
 * TFLM stops at a division by zero; here the quotient is infinite or no number. */
#ifndef TB_FLOOR_DIV_F32_H
#define TB_FLOOR_DIV_F32_H

#include "tb_binary.h"
#include "tb_divide_f32.h"

struct tb_floor_div_f32 {
  struct tb_walk walk;
};

static inline float tb_floor_of_quotient(float x, float y) {
  if (!tb_divisible_f32(x, y)) {
    return tb_whole_below_f32(x / y);
  }
  const struct tb_division found = tb_divide_f32(x, y);
  if (found.bits > TB_QUOTIENT_BITS) {
    return x / y;
  }
  const int64_t quotient = found.quotient;
  return tb_fixed_to_float((x < 0) == (y < 0) ? quotient : -quotient - (found.rest != 0), 0);
}

TB_BINARY(tb_floor_div_f32, tb_f32, tb_f32, tb_floor_of_quotient(*x, *y))

#endif
