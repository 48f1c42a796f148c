/* Inner products of floats, in the order of the inputs.
 *
 * Weights are laid out when they are generated: blocks of 4 output channels, in each the 4 weights
 * of one input after the other; then the channels that are left, one after the other. So the
 * weights of channel c, a multiple of 4 or beyond the blocks, begin at c times the inputs. Four
 * sums at once need each input once. */
#ifndef TB_DOT_F32_H
#define TB_DOT_F32_H

#include "tb_types.h"

static inline void tb_dot_1x4_f32(const tb_f32 *x, const float *weights, int32_t count,
                                  float sum[4]) {
  float s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
  for (int32_t i = 0; i < count; i++, weights += 4) {
    const float value = x[i];
    s0 += value * weights[0];
    s1 += value * weights[1];
    s2 += value * weights[2];
    s3 += value * weights[3];
  }
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
}

static inline float tb_dot_f32(const tb_f32 *x, const float *weights, int32_t count, float sum) {
  for (int32_t i = 0; i < count; i++) {
    sum += x[i] * weights[i];
  }
  return sum;
}

#endif
