/* The square root, correctly rounded, by integers: digit by digit, as on paper. */
#ifndef TB_ROOT_F32_H
#define TB_ROOT_F32_H

#include "tb_types.h"

static inline float tb_root_f32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (bits << 1 == 0 || x != x || bits == 0x7f800000u) {
    return x; /* zeros, NaN, infinity */
  }
  if (bits >> 31) {
    return (x - x) / (x - x); /* NaN */
  }
  int32_t exponent = (int32_t)(bits >> 23);
  uint32_t rest = bits & 0x7fffffu;
  if (exponent == 0) {
    for (exponent = 1; !(rest & 0x800000u); exponent--) {
      rest <<= 1;
    }
  } else {
    rest |= 0x800000u;
  }
  exponent -= 127;
  if (exponent & 1) {
    rest <<= 1;
    exponent--;
  }
  /* rest is the mantissa with 23 binary places, in [1, 4): find 24 places of its root. */
  rest <<= 1;
  uint32_t root = 0, twice = 0;
  for (uint32_t digit = 0x1000000u; digit; digit >>= 1) {
    const uint32_t trial = twice + digit;
    if (trial <= rest) {
      twice = trial + digit;
      rest -= trial;
      root += digit;
    }
    rest <<= 1;
  }
  root += root & (rest != 0); /* half of the last place and more rounds up; a half never occurs */
  bits = (root >> 1) + (uint32_t)(exponent / 2 + 126) * 0x800000u;
  memcpy(&x, &bits, sizeof x);
  return x;
}

#endif
