/* Division of float32 numbers with a whole quotient and a rest, exactly, as fmod has it. */
#ifndef TB_DIVIDE_F32_H
#define TB_DIVIDE_F32_H

#include "tb_fixed.h"
#include "tb_whole_f32.h"

#define TB_QUOTIENT_BITS 40

struct tb_division {
  int64_t quotient; /* of the magnitudes, if it has up to 40 bits */
  int32_t bits;     /* how many it may have */
  float rest;       /* with the sign of the dividend */
};

/* Mantissa and exponent of a finite number that is not zero. */
static inline uint32_t tb_mantissa_f32(float x, int32_t *exponent) {
  const uint32_t bits = tb_float_bits(x) & 0x7fffffffu;
  uint32_t mantissa = bits & 0x7fffffu;
  *exponent = (int32_t)(bits >> 23);
  if (*exponent) {
    return mantissa | 0x800000u;
  }
  for (*exponent = 1; !(mantissa & 0x800000u); --*exponent) {
    mantissa <<= 1;
  }
  return mantissa;
}

static inline struct tb_division tb_divide_f32(float x, float y) {
  int32_t x_exponent, y_exponent;
  uint32_t rest = tb_mantissa_f32(x, &x_exponent);
  const uint32_t divisor = tb_mantissa_f32(y, &y_exponent);
  struct tb_division found = {0, x_exponent - y_exponent + 1, x};
  if (found.bits < 1) {
    return found;
  }
  uint64_t quotient = 0;
  for (int32_t bit = found.bits;;) {
    const uint32_t fits = rest >= divisor;
    rest -= fits ? divisor : 0;
    quotient = quotient << 1 | fits;
    if (--bit == 0) {
      break;
    }
    rest <<= 1;
  }
  found.quotient = found.bits > TB_QUOTIENT_BITS ? 0 : (int64_t)quotient;
  /* rest * 2^(y_exponent - 150), which is a float32 */
  const float size = tb_fixed_to_float((int64_t)rest << 32, 32 + 150 - y_exponent);
  found.rest = tb_float_of_bits(tb_float_bits(size) | (tb_float_bits(x) & 0x80000000u));
  return found;
}

static inline int tb_divisible_f32(float x, float y) {
  const float largest = 3.40282347e+38f;
  return x != 0 && y != 0 && x >= -largest && x <= largest && y >= -largest && y <= largest;
}

#endif
