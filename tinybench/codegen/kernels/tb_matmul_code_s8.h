/* From a sum of products of two int8 operands to a code. */
#ifndef TB_MATMUL_CODE_S8_H
#define TB_MATMUL_CODE_S8_H

#include "tb_requantize.h"

struct tb_matmul_code_s8 {
  int32_t first_zero, second_zero, zero_point; /* of the operands and of the output */
  int32_t multiplier, shift;                   /* Q0.31, positive to the left */
};

static inline int8_t tb_matmul_code_s8(const struct tb_matmul_code_s8 *p, int32_t sum) {
  const int32_t code = tb_rescale(sum, p->multiplier, p->shift) + p->zero_point;
  return (int8_t)tb_clamp(code, -128, 127);
}

#endif
