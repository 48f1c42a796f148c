/* Inner products of int16 codes with int8 weights, in 64 bits.
 *
 * Weights are laid out when they are generated: blocks of 4 output channels, in each the 4 weights
 * of one input after the other; then the channels that are left, one after the other. So the
 * weights of channel c, a multiple of 4 or beyond the blocks, begin at c times the inputs.
 *
 * A product has at most 23 bits, so 511 of them fit 32: only their sums are added up in 64. */
#ifndef TB_DOT_S16_H
#define TB_DOT_S16_H

#include "tb_types.h"

#define TB_DOT_S16_PART 511

static inline void tb_dot_1x4_s16(const tb_i16 *x, const int8_t *weights, int32_t count,
                                  int64_t sum[4]) {
  while (count > 0) {
    const int32_t part = count < TB_DOT_S16_PART ? count : TB_DOT_S16_PART;
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (int32_t i = 0; i < part; i++, weights += 4) {
      const int32_t code = x[i];
      s0 += code * weights[0];
      s1 += code * weights[1];
      s2 += code * weights[2];
      s3 += code * weights[3];
    }
    sum[0] += s0;
    sum[1] += s1;
    sum[2] += s2;
    sum[3] += s3;
    x += part;
    count -= part;
  }
}

static inline void tb_dot_s16(const tb_i16 *x, const int8_t *weights, int32_t count,
                              int64_t *sum) {
  while (count > 0) {
    const int32_t part = count < TB_DOT_S16_PART ? count : TB_DOT_S16_PART;
    int32_t partial = 0;
    for (int32_t i = 0; i < part; i++) {
      partial += x[i] * *weights++;
    }
    *sum += partial;
    x += part;
    count -= part;
  }
}

#endif
