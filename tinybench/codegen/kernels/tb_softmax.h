/* 1 / x in fixed point, for SOFTMAX. The constants and the order of operations are those of
 * gemmlowp fixedpoint/fixedpoint.h, Copyright 2015 The Gemmlowp Authors, Apache License 2.0: every
 * rounding counts for equality with TFLM. */
#ifndef TB_SOFTMAX_H
#define TB_SOFTMAX_H

#include "tb_requantize.h"

struct tb_reciprocal {
  int32_t scale; /* Q0.31 */
  int32_t shift; /* 1 / x = scale / 2^shift */
};

/* The reciprocal of a number in Q12.19, from 1 on: by three Newton steps from 48/17 - 32/17 x. */
static inline struct tb_reciprocal tb_reciprocal(int32_t number) {
  uint32_t bits = (uint32_t)number;
  struct tb_reciprocal found = {0, 12};
  for (; !(bits & 0x80000000u); bits <<= 1) {
    found.shift--;
  }
  /* (1 + x) / 2 of x in [0, 1): half of the number when its first bit is 1. */
  const int32_t half = (int32_t)((((int64_t)(bits & 0x7fffffffu)) + INT32_MAX + 1) / 2);
  int32_t x = 1515870810 + tb_high_multiply(half, -1010580540); /* Q2.29 */
  for (int i = 0; i < 3; i++) {
    const int32_t error = ((int32_t)1 << 29) - tb_high_multiply(half, x);
    x += tb_high_multiply(x, error) * 4;
  }
  found.scale = x >= (int32_t)1 << 30 ? INT32_MAX : x * 2;
  return found;
}

static inline int32_t tb_largest(const int8_t *codes, int32_t columns) {
  int32_t largest = -128;
  for (int32_t i = 0; i < columns; i++) {
    largest = codes[i] > largest ? codes[i] : largest;
  }
  return largest;
}

/* The reciprocal of the sum of exponents, taken in Q12.19, by their differences to the largest. */
static inline struct tb_reciprocal tb_softmax_scale(const int8_t *codes, int32_t columns,
                                                    int32_t largest, const int32_t *exponents,
                                                    int32_t terms) {
  int32_t sum = 0;
  for (int32_t i = 0; i < columns; i++) {
    const int32_t difference = largest - codes[i];
    sum += difference < terms ? tb_divide_by_power(exponents[difference], 12) : 0;
  }
  return tb_reciprocal(sum);
}

/* scale * exponent / 2^shift with `bits` bits after the point; nothing is left beyond 31. */
static inline int32_t tb_softmax_term(struct tb_reciprocal by, int32_t exponent, int32_t bits) {
  const int32_t shift = by.shift + 31 - bits;
  return shift > 31 ? 0 : tb_divide_by_power(tb_high_multiply(by.scale, exponent), shift);
}

#endif
