/* output = input^2 */
#ifndef TB_SQUARE_F32_H
#define TB_SQUARE_F32_H

#include "tb_types.h"

struct tb_square_f32 {
  int32_t elements;
};

TB_KERNEL void tb_square_f32(const struct tb_square_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const float value = input[i];
    output[i] = value * value;
  }
}

#endif
