/* The logistic function between 256 values of it, for LOGISTIC and TANH of int16 codes.
 *
 * tanh(x) = 2 logistic(2x) - 1, so both read one table, of logistic(i / 24) * 2^16 - 2^15; the
 * input is first scaled to a step of 1 / 12288. */
#ifndef TB_SIGMOID_S16_H
#define TB_SIGMOID_S16_H

#include "tb_types.h"

struct tb_sigmoid_s16 {
  const int16_t *table; /* 256 values, from logistic(0) */
  int32_t multiplier, shift;
};

static inline int32_t tb_sigmoid_input_s16(const struct tb_sigmoid_s16 *p, int32_t code) {
  const int32_t half = p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0;
  return (code * p->multiplier + half) >> p->shift;
}

/* logistic(|value| / 24 / 2^bits) in Q16 with `bits` bits more; beyond the table, the largest that
 * the caller names. */
static inline int32_t tb_sigmoid_s16(const struct tb_sigmoid_s16 *p, int32_t value, int32_t bits,
                                     int32_t largest) {
  const int32_t size = value < 0 ? -value : value;
  const int32_t index = size >> bits;
  if (index >= 255) {
    return largest;
  }
  const int32_t low = p->table[index] + 32768, high = p->table[index + 1] + 32768;
  return (low << bits) + (size & (((int32_t)1 << bits) - 1)) * (high - low);
}

#endif
