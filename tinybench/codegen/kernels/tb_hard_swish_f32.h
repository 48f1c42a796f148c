/* output = input * min(6, max(0, input + 3)) / 6 */
#ifndef TB_HARD_SWISH_F32_H
#define TB_HARD_SWISH_F32_H

#include "tb_types.h"

struct tb_hard_swish_f32 {
  int32_t elements;
};

TB_KERNEL void tb_hard_swish_f32(const struct tb_hard_swish_f32 *p, const tb_f32 *input,
                                 tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    const float above = 0 < value + 3 ? value + 3 : 0;
    output[i] = value * (above < 6 ? above : 6) / 6;
  }
}

#endif
