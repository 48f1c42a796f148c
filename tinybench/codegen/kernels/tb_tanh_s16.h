/* output = tanh(input) in Q15 */
#ifndef TB_TANH_S16_H
#define TB_TANH_S16_H

#include "tb_sigmoid_s16.h"

struct tb_tanh_s16 {
  int32_t elements;
  struct tb_sigmoid_s16 sigmoid;
};

static inline int32_t tb_tanh_code_s16(const struct tb_sigmoid_s16 *p, int32_t code) {
  const int32_t value = tb_sigmoid_input_s16(p, code);
  const int32_t size = tb_sigmoid_s16(p, value, 8, (int32_t)0xffff << 8) - ((int32_t)1 << 23);
  return (value >= 0 ? size + 128 : 127 - size) >> 8;
}

TB_KERNEL void tb_tanh_s16(const struct tb_tanh_s16 *p, const tb_i16 *input, tb_i16 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = (int16_t)tb_tanh_code_s16(&p->sigmoid, input[i]);
  }
}

#endif
