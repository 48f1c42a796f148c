/* The kernels of PRELU on codes: TB_PRELU(name, type, low, high), with slopes of int8.
 *
 * output = rescale(x) + output_zero for x = input - zero >= 0, else
 * output = rescale(x * (slope - slope_zero)) + output_zero, clamped */
#ifndef TB_PRELU_H
#define TB_PRELU_H

#include "tb_requantize.h"
#include "tb_walk.h"

#define TB_PRELU(name, type, low, high)                                                      \
  struct name {                                                                              \
    struct tb_walk walk;                                                                     \
    int32_t zero, slope_zero;                                                                \
    int32_t positive_multiplier, positive_shift; /* shifts are positive to the left */       \
    int32_t negative_multiplier, negative_shift;                                             \
    int32_t output_zero;                                                                     \
  };                                                                                         \
  TB_KERNEL void name(const struct name *p, const type *input, const int8_t *slopes,         \
                      type *output) {                                                        \
    struct tb_position at = tb_walk_start();                                                 \
    for (int32_t row = 0; row < p->walk.rows; row++) {                                       \
      const type *x = input + at.first;                                                      \
      const int8_t *slope = slopes + at.second;                                              \
      for (int32_t i = 0; i < p->walk.columns; i++) {                                        \
        const int32_t value = *x - p->zero;                                                  \
        const int32_t scaled =                                                               \
            value >= 0 ? tb_rescale(value, p->positive_multiplier, p->positive_shift)        \
                       : tb_rescale(value * (*slope - p->slope_zero),                        \
                                    p->negative_multiplier, p->negative_shift);              \
        *output++ = (type)tb_clamp(scaled + p->output_zero, low, high);                      \
        x += p->walk.first_step;                                                             \
        slope += p->walk.second_step;                                                        \
      }                                                                                      \
      tb_walk_next(&p->walk, &at);                                                           \
    }                                                                                        \
  }

#endif
