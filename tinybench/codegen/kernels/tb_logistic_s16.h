/* output = logistic(input) in Q15 */
#ifndef TB_LOGISTIC_S16_H
#define TB_LOGISTIC_S16_H

#include "tb_sigmoid_s16.h"

struct tb_logistic_s16 {
  int32_t elements;
  struct tb_sigmoid_s16 sigmoid;
};

static inline int32_t tb_logistic_code_s16(const struct tb_sigmoid_s16 *p, int32_t code) {
  const int32_t value = tb_sigmoid_input_s16(p, code);
  const int32_t size = tb_sigmoid_s16(p, value, 9, 0x7fff << 10);
  /* Q25; the logistic of -x is one minus that of x. */
  return (value >= 0 ? size + 512 : ((int32_t)1 << 25) - size + 511) >> 10;
}

TB_KERNEL void tb_logistic_s16(const struct tb_logistic_s16 *p, const tb_i16 *input,
                               tb_i16 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = (int16_t)tb_logistic_code_s16(&p->sigmoid, input[i]);
  }
}

#endif
