/* A layer of singular value decomposition filters (SVDF) on floats.
 *
 * Each filter weighs the input to one activation and remembers the last `memory` of them; a unit's
 * output is the sum over its filters of these, weighed by their age. */
#ifndef TB_SVDF_F32_H
#define TB_SVDF_F32_H

#include "tb_dot_f32.h"

struct tb_svdf_f32 {
  const float *weights, *time, *bias;
  int32_t batches, inputs, filters, memory, rank;
  float low, high;
  int32_t bounded_below, bounded_above; /* an infinite sum stays */
};

static inline float tb_svdf_time_f32(tb_f32 *state, const float *weights, int32_t last,
                                     float value) {
  float sum = 0;
  for (int32_t i = 0; i < last; i++) {
    const float next = state[i + 1];
    state[i] = next;
    sum += next * weights[i];
  }
  state[last] = value;
  return sum + value * weights[last];
}

TB_KERNEL void tb_svdf_f32(const struct tb_svdf_f32 *p, const tb_f32 *input, tb_f32 *state,
                           tb_f32 *output) {
  const int32_t memory = p->memory;
  for (int32_t n = 0; n < p->batches; n++, input += p->inputs) {
    const float *weights = p->weights, *time = p->time;
    const float *bias = p->bias;
    for (int32_t f = 0; f < p->filters; f += p->rank) {
      float total = *bias++;
      for (int32_t i = 0; i < p->rank; i++) {
        const float value = tb_dot_f32(input, weights, p->inputs, 0);
        total += tb_svdf_time_f32(state, time, memory - 1, value);
        weights += p->inputs;
        time += memory;
        state += memory;
      }
      if (p->bounded_below && total < p->low) {
        total = p->low;
      } else if (p->bounded_above && p->high < total) {
        total = p->high;
      }
      *output++ = total;
    }
  }
}

#endif
