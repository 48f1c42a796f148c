/* output = whether the numbers that two int8 codes mean stand in a relation, with broadcasting
 *
 * Both are scaled to eight more bits and rounded, as TFLM does: close ones may become equal. */
#ifndef TB_COMPARE_S8_H
#define TB_COMPARE_S8_H

#include "tb_compare.h"
#include "tb_requantize.h"

struct tb_compare_s8 {
  struct tb_walk walk;
  int32_t relation;
  int32_t first_zero, first_multiplier, first_shift; /* shifts are negative: to the right */
  int32_t second_zero, second_multiplier, second_shift;
};

static inline uint8_t tb_compare_codes(const struct tb_compare_s8 *p, int32_t x, int32_t y) {
  x = tb_rescale((x - p->first_zero) * 256, p->first_multiplier, p->first_shift);
  y = tb_rescale((y - p->second_zero) * 256, p->second_multiplier, p->second_shift);
  return TB_ORDER_HOLDS(p->relation, x, y);
}

TB_BINARY(tb_compare_s8, int8_t, uint8_t, tb_compare_codes(p, *x, *y))

#endif
