/* output += input, or at first output = 0 + input: a part of a sum of many tensors */
#ifndef TB_ACCUMULATE_F32_H
#define TB_ACCUMULATE_F32_H

#include "tb_types.h"

struct tb_accumulate_f32 {
  int32_t elements;
  int32_t first; /* 1 for the first part */
};

TB_KERNEL void tb_accumulate_f32(const struct tb_accumulate_f32 *p, const tb_f32 *input,
                                 tb_f32 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = (p->first ? 0 : output[i]) + input[i];
  }
}

#endif
