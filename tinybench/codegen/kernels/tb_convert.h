/* output = rescale(input - from_zero) + zero, clamped: codes of one type and scale to another's.
 *
 * Sums wrap, as they do where TFLM runs; only int32 codes can be large enough for it. */
#ifndef TB_CONVERT_H
#define TB_CONVERT_H

#include "tb_code.h"
#include "tb_requantize.h"

struct tb_convert {
  int32_t from, to; /* types: TB_INT8 and so on */
  int32_t from_zero;
  int32_t multiplier, shift; /* positive to the left */
  int32_t zero, low, high;
  int32_t elements;
};

TB_KERNEL void tb_convert(const struct tb_convert *p, const void *input, void *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const uint32_t code = (uint32_t)tb_code_load(input, p->from, i) - (uint32_t)p->from_zero;
    const uint32_t scaled = (uint32_t)tb_rescale((int32_t)code, p->multiplier, p->shift);
    const int32_t moved = (int32_t)(scaled + (uint32_t)p->zero);
    tb_code_store(output, p->to, i, tb_clamp(moved, p->low, p->high));
  }
}

#endif
