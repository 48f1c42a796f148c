/* output = a - floor(a / b) b, with broadcasting: the rest that has the sign of b */
#ifndef TB_FLOOR_MOD_F32_H
#define TB_FLOOR_MOD_F32_H

#include "tb_binary.h"
#include "tb_divide_f32.h"

struct tb_floor_mod_f32 {
  struct tb_walk walk;
};

static inline float tb_floor_rest(float x, float y) {
  float rest = x;
  if (tb_divisible_f32(x, y)) {
    rest = tb_divide_f32(x, y).rest;
  } else if (y == 0 || y != y || x - x != 0) {
    return tb_float_of_bits(0x7fc00000u); /* no number */
  }
  return rest != 0 && (y < 0) != (rest < 0) ? rest + y : rest;
}

TB_BINARY(tb_floor_mod_f32, tb_f32, tb_f32, tb_floor_rest(*x, *y))

#endif
