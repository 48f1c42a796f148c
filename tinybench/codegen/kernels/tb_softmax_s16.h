/* output[n][c] = e^(beta (input[n][c] - largest)) / sum over the row, in Q15, by two tables
 *
 * Both tables have 513 values, of e^x from -10 to 0 and of 1 / (1 + x) from 0 to 1, in Q15;
 * between them it is interpolated. Input and output may be the same memory. */
#ifndef TB_SOFTMAX_S16_H
#define TB_SOFTMAX_S16_H

#include "tb_requantize.h"

struct tb_softmax_s16 {
  int32_t rows, depth;
  int32_t multiplier, shift; /* from the input's scale to 10 / 65535 */
  const int16_t *exponential, *reciprocal;
};

/* The function between the table's values; `code` from -2^15 to 2^15 - 1 is its whole range. */
static inline int32_t tb_interpolate_s16(const int16_t *table, int32_t code) {
  code = tb_clamp(code, INT16_MIN, INT16_MAX);
  const int16_t *const at = table + 256 + (code >> 7);
  return at[0] + (((at[1] - at[0]) * (code & 0x7f) + 64) >> 7);
}

TB_KERNEL void tb_softmax_s16(const struct tb_softmax_s16 *p, const tb_i16 *input,
                              tb_i16 *output) {
  for (int32_t n = 0; n < p->rows; n++, input += p->depth, output += p->depth) {
    int32_t largest = INT16_MIN;
    for (int32_t c = 0; c < p->depth; c++) {
      largest = largest < input[c] ? input[c] : largest;
    }
    int32_t sum = 0;
    for (int32_t c = 0; c < p->depth; c++) {
      int32_t scaled = tb_rescale(input[c] - largest, p->multiplier, p->shift);
      scaled = tb_clamp(scaled, -65536, 65536) + 32767; /* the table ends before */
      const int32_t term = tb_interpolate_s16(p->exponential, scaled);
      output[c] = (int16_t)term;
      sum += term;
    }
    /* sum = 2^(15 + bits) (1 + x) with 0 <= x < 1, as one term at least is nearly 1 */
    int32_t shift = 30;
    while (!((uint32_t)sum >> shift)) {
      shift--;
    }
    const int32_t fraction = (int32_t)((((int64_t)sum << (30 - shift)) + (1 << 13)) >> 14);
    const int32_t factor = tb_interpolate_s16(p->reciprocal, fraction - 3 * ((int32_t)1 << 15));
    for (int32_t c = 0; c < p->depth; c++) {
      const int64_t product = (int64_t)output[c] * factor + ((int64_t)1 << (shift - 1));
      output[c] = (int16_t)tb_clamp((int32_t)(product >> shift), 0, INT16_MAX);
    }
  }
}

#endif
