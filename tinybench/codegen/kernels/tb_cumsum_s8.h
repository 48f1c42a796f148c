/* output = rescale(sum of (input - input_zero) * 2^19) + zero, along an axis.
 *
 * TFLM begins with the zero point taken off once more; sums wrap, as they do where TFLM runs. */
#ifndef TB_CUMSUM_S8_H
#define TB_CUMSUM_S8_H

#include "tb_cumsum.h"
#include "tb_requantize.h"

struct tb_cumsum_s8 {
  struct tb_cumsum line;
  int32_t input_zero, zero;
  int32_t multiplier, shift; /* positive to the left */
};

TB_KERNEL void tb_cumsum_s8(const struct tb_cumsum_s8 *p, const int8_t *input, int8_t *output) {
  const uint32_t one = (uint32_t)1 << 19;
  for (int32_t line = 0; line < p->line.outer * p->line.inner; line++) {
    int32_t at = tb_cumsum_start(&p->line, line);
    uint32_t sum = (uint32_t)-p->input_zero * one;
    for (int32_t i = 0; i < p->line.size; i++, at += p->line.step) {
      const uint32_t before = sum;
      sum += (uint32_t)(input[at] - p->input_zero) * one;
      const int32_t taken = (int32_t)(p->line.exclusive ? before : sum);
      const int32_t code = tb_rescale(taken, p->multiplier, p->shift) + p->zero;
      output[at] = (int8_t)tb_clamp(code, -128, 127);
    }
  }
}

#endif
