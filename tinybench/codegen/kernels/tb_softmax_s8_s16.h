/* output = exp(input - largest) / sum of these, over each row, in codes of 1/65536 from -32768
 *
 * `exponents` are indexed by the difference to the largest code; where they end, terms are left
 * out. */
#ifndef TB_SOFTMAX_S8_S16_H
#define TB_SOFTMAX_S8_S16_H

#include "tb_softmax.h"

struct tb_softmax_s8_s16 {
  const int32_t *exponents; /* Q0.31 */
  int32_t terms;
  int32_t rows, columns;
};

TB_KERNEL void tb_softmax_s8_s16(const struct tb_softmax_s8_s16 *p, const int8_t *input,
                                 void *output) {
  tb_i16 *to = (tb_i16 *)output;
  for (int32_t row = 0; row < p->rows; row++, input += p->columns, to += p->columns) {
    const int32_t largest = tb_largest(input, p->columns);
    const struct tb_reciprocal by =
        tb_softmax_scale(input, p->columns, largest, p->exponents, p->terms);
    for (int32_t i = 0; i < p->columns; i++) {
      const int32_t difference = largest - input[i];
      const int32_t exponent = difference < p->terms ? p->exponents[difference] : 0;
      to[i] = (int16_t)tb_clamp(tb_softmax_term(by, exponent, 16) - 32768, -32768, 32767);
    }
  }
}

#endif
