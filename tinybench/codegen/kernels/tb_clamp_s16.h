/* output = min(max(input, low), high), on raw codes */
#ifndef TB_CLAMP_S16_H
#define TB_CLAMP_S16_H

#include "tb_types.h"

struct tb_clamp_s16 {
  int32_t elements;
  int32_t low, high;
};

TB_KERNEL void tb_clamp_s16(const struct tb_clamp_s16 *p, const tb_i16 *input, tb_i16 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = (int16_t)tb_clamp(input[i], p->low, p->high);
  }
}

#endif
