/* output = scale * (input - zero)
 *
 * TFLM multiplies in double and rounds once. The difference of codes has at most 17 bits, so it is
 * exact in float32 and its float32 product is the same number. */
#ifndef TB_DEQUANTIZE_H
#define TB_DEQUANTIZE_H

#include "tb_code.h"

struct tb_dequantize {
  int32_t from; /* type: TB_INT8 and so on */
  float scale;
  int32_t zero;
  int32_t elements;
};

TB_KERNEL void tb_dequantize(const struct tb_dequantize *p, const void *input, void *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    ((tb_f32 *)output)[i] = p->scale * (float)(tb_code_load(input, p->from, i) - p->zero);
  }
}

#endif
