/* A layer of singular value decomposition filters (SVDF) on int8 codes.
 *
 * Each filter weighs the input to one activation and remembers the last `memory` of them; a unit's
 * output is the sum over its filters of these, weighed by their age. Zero points are folded into
 * what sums begin with. Layout of feature weights: tb_dot_s8.h. Sums over time may wrap, as TFLM's
 * do. */
#ifndef TB_SVDF_S8_H
#define TB_SVDF_S8_H

#include "tb_dot_s8.h"
#include "tb_multiplier.h"

struct tb_svdf_s8 {
  const int8_t *weights;
  const int32_t *start;       /* by filter, filled up to a multiple of 4 */
  const int8_t *time;         /* weights by filter and age, if the state is of int8 */
  const int16_t *time_wide;   /* the same, if it is of int16 */
  const int32_t *bias;        /* by unit */
  struct tb_multiplier feature;
  int32_t multiplier, shift;  /* of outputs, positive to the left */
  int32_t batches, inputs, filters, memory, rank;
  int32_t groups;             /* groups of 4 inputs */
  int32_t zero_point, offset; /* of the state, of the output */
  int32_t low, high;          /* of an activation less its zero point */
  int32_t wide;               /* whether the state is of int16 */
};

/* Forget a filter's oldest activation, remember `code`, and weigh them all. */
static inline uint32_t tb_svdf_time_s8(int8_t *state, const int8_t *weights, int32_t last,
                                       int8_t code) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < last; i++) {
    const int8_t next = state[i + 1];
    state[i] = next;
    sum += (uint32_t)(next * weights[i]);
  }
  state[last] = code;
  return sum + (uint32_t)(code * weights[last]);
}

static inline uint32_t tb_svdf_time_s16(tb_i16 *state, const int16_t *weights, int32_t last,
                                        int16_t code) {
  uint32_t sum = 0;
  for (int32_t i = 0; i < last; i++) {
    const int16_t next = state[i + 1];
    state[i] = next;
    sum += (uint32_t)(next * weights[i]);
  }
  state[last] = code;
  return sum + (uint32_t)(code * weights[last]);
}

TB_KERNEL void tb_svdf_s8(const struct tb_svdf_s8 *p, const int8_t *input, void *state,
                          int8_t *output) {
  const int32_t memory = p->memory, last = memory - 1;
  int8_t *narrow = (int8_t *)state;
  tb_i16 *wide = (tb_i16 *)state;
  for (int32_t n = 0; n < p->batches; n++, input += p->inputs) {
    const int8_t *weights = p->weights;
    const int32_t *bias = p->bias;
    uint32_t total = 0;
    int32_t sum[4], left = p->rank;
    for (int32_t f = 0; f < p->filters; f++) {
      if ((f & 3) == 0) {
        memcpy(sum, p->start + f, sizeof sum);
        weights = tb_dot_1x4(input, weights, p->groups, sum);
      }
      const int32_t activation = tb_multiply_by(sum[f & 3], &p->feature);
      const int32_t code = tb_clamp(activation, p->low, p->high) + p->zero_point;
      if (p->wide) {
        total += tb_svdf_time_s16(wide, p->time_wide + f * memory, last, (int16_t)code);
        wide += memory;
      } else {
        total += tb_svdf_time_s8(narrow, p->time + f * memory, last, (int8_t)code);
        narrow += memory;
      }
      if (--left == 0) {
        const int32_t x = (int32_t)(total + (uint32_t)*bias++);
        const uint32_t y = (uint32_t)tb_rescale(x, p->multiplier, p->shift) + (uint32_t)p->offset;
        *output++ = (int8_t)tb_clamp((int32_t)y, -128, 127);
        left = p->rank;
        total = 0;
      }
    }
  }
}

#endif
