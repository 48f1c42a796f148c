/* output = rescale(x) + output_zero for x = input - zero >= 0, else
 * output = rescale(x * (slope - slope_zero)) + output_zero, clamped to int8 */
#ifndef TB_PRELU_S8_H
#define TB_PRELU_S8_H

#include "tb_requantize.h"
#include "tb_walk.h"

struct tb_prelu_s8 {
  struct tb_walk walk;
  int32_t zero, slope_zero;
  int32_t positive_multiplier, positive_shift; /* shifts are positive to the left */
  int32_t negative_multiplier, negative_shift;
  int32_t output_zero;
};

TB_KERNEL void tb_prelu_s8(const struct tb_prelu_s8 *p, const int8_t *input, const int8_t *slopes,
                           int8_t *output) {
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < p->walk.rows; row++) {
    const int8_t *x = input + at.first, *slope = slopes + at.second;
    for (int32_t i = 0; i < p->walk.columns; i++) {
      const int32_t value = *x - p->zero;
      const int32_t scaled =
          value >= 0 ? tb_rescale(value, p->positive_multiplier, p->positive_shift)
                     : tb_rescale(value * (*slope - p->slope_zero), p->negative_multiplier,
                                  p->negative_shift);
      *output++ = (int8_t)tb_clamp(scaled + p->output_zero, -128, 127);
      x += p->walk.first_step;
      slope += p->walk.second_step;
    }
    tb_walk_next(&p->walk, &at);
  }
}

#endif
