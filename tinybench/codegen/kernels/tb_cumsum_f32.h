/* output = the sum of all elements up to this one along an axis, or of those before it. */
#ifndef TB_CUMSUM_F32_H
#define TB_CUMSUM_F32_H

#include "tb_cumsum.h"

struct tb_cumsum_f32 {
  struct tb_cumsum line;
};

TB_KERNEL void tb_cumsum_f32(const struct tb_cumsum_f32 *p, const tb_f32 *input, tb_f32 *output) {
  for (int32_t line = 0; line < p->line.outer * p->line.inner; line++) {
    int32_t at = tb_cumsum_start(&p->line, line);
    float sum = 0.0f;
    for (int32_t i = 0; i < p->line.size; i++, at += p->line.step) {
      const float before = sum;
      sum = sum + input[at];
      output[at] = p->line.exclusive ? before : sum;
    }
  }
}

#endif
