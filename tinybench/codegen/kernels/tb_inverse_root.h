/* 1 / square root of an integer as multiplier and shift: five Newton steps in Q3.28, from 1. The
 * constants and the order of operations are those of tflite-micro kernels/internal/common.h,
 * GetInvSqrtQuantizedMultiplierExp, Apache License 2.0: every rounding counts for equality. */
#ifndef TB_INVERSE_ROOT_H
#define TB_INVERSE_ROOT_H

#include "tb_requantize.h"

struct tb_inverse_root {
  int32_t multiplier; /* Q0.31 */
  int32_t shift;      /* positive to the left */
};

static inline int32_t tb_shift_left(int32_t value, int32_t bits) {
  const int32_t most = INT32_MAX >> bits;
  return value > most ? INT32_MAX : value < -most ? INT32_MIN : value * ((int32_t)1 << bits);
}

static inline struct tb_inverse_root tb_inverse_root(int32_t number) {
  struct tb_inverse_root found = {INT32_MAX, 0};
  if (number <= 1) {
    return found;
  }
  found.shift = -11;
  for (; number >= (int32_t)1 << 29; number /= 4) {
    found.shift--;
  }
  for (; number < (int32_t)1 << 27; number *= 4) {
    found.shift++;
  }
  const int32_t half = tb_divide_by_power(number >> 1, 1);
  int32_t x = (int32_t)1 << 28;
  for (int i = 0; i < 5; i++) {
    const int32_t cube = tb_shift_left(tb_high_multiply(tb_high_multiply(x, x), x), 6);
    x = tb_high_multiply(((int32_t)1 << 28) + ((int32_t)1 << 27), x) - tb_high_multiply(half, cube);
    x = tb_shift_left(x, 3);
  }
  found.multiplier = tb_high_multiply(x, 1518500250);
  if (found.shift > 0) {
    found.multiplier = (int32_t)((uint32_t)found.multiplier << found.shift);
    found.shift = 0;
  }
  return found;
}

#endif
