/* Inner products of int8 codes, the innermost loops of the matrix kernels.
 *
 * Weights are laid out for them when they are generated: blocks of output channels, in each block
 * groups of 4 inputs, in each group the 4 weights of one channel after the other. Rows are filled
 * up with zeros to whole groups, so inputs may be read up to 3 bytes beyond their end.
 *
 * With the DSP extension the loops are in assembly: a group needs nearly all registers, and
 * compilers that schedule it spill some. SXTB16 widens bytes 0 and 2 of a word, or with a rotation
 * bytes 1 and 3, to two int16; SMLAD multiplies and adds two pairs of them. */
#ifndef TB_DOT_S8_H
#define TB_DOT_S8_H

#include "tb_types.h"

#if defined(__ARM_FEATURE_DSP)

/* Four inputs times four channels. */
#define TB_DOT_GROUP                        \
  "ldr %[odd], [%[x]], #4\n"                \
  "ldrd %[w0], %[w1], [%[w]], #8\n"         \
  "sxtb16 %[even], %[odd]\n"                \
  "sxtb16 %[odd], %[odd], ror #8\n"         \
  "sxtb16 %[t], %[w0]\n"                    \
  "sxtb16 %[w0], %[w0], ror #8\n"           \
  "smlad %[s0], %[t], %[even], %[s0]\n"     \
  "smlad %[s0], %[w0], %[odd], %[s0]\n"     \
  "sxtb16 %[t], %[w1]\n"                    \
  "sxtb16 %[w1], %[w1], ror #8\n"           \
  "smlad %[s1], %[t], %[even], %[s1]\n"     \
  "smlad %[s1], %[w1], %[odd], %[s1]\n"     \
  "ldrd %[w0], %[w1], [%[w]], #8\n"         \
  "sxtb16 %[t], %[w0]\n"                    \
  "sxtb16 %[w0], %[w0], ror #8\n"           \
  "smlad %[s2], %[t], %[even], %[s2]\n"     \
  "smlad %[s2], %[w0], %[odd], %[s2]\n"     \
  "sxtb16 %[t], %[w1]\n"                    \
  "sxtb16 %[w1], %[w1], ror #8\n"           \
  "smlad %[s3], %[t], %[even], %[s3]\n"     \
  "smlad %[s3], %[w1], %[odd], %[s3]\n"

#define TB_DOT_OPERANDS                                                                   \
  [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [x] "+r"(x), [w] "+r"(weights), \
      [even] "=&r"(even), [odd] "=&r"(odd), [t] "=&r"(t), [w0] "=&r"(w0), [w1] "=&r"(w1)

#endif

/* Add one input row times a block of four channels to `sum`; return the next block's weights. */
static inline const int8_t *tb_dot_1x4(const int8_t *x, const int8_t *weights, int32_t groups,
                                       int32_t sum[4]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
  const int8_t *const end = weights + 16 * groups;
#if defined(__ARM_FEATURE_DSP)
  uint32_t even, odd, t, w0, w1;
  if (groups & 1) {
    __asm__ volatile(TB_DOT_GROUP : TB_DOT_OPERANDS : : "memory");
  }
  if (weights != end) {
    __asm__ volatile("1:\n" TB_DOT_GROUP TB_DOT_GROUP
                     "cmp %[w], %[end]\n"
                     "bne 1b\n"
                     : TB_DOT_OPERANDS
                     : [end] "r"(end)
                     : "memory", "cc");
  }
#else
  for (; weights != end; weights += 16, x += 4) {
    for (int i = 0; i < 4; i++) {
      const int32_t code = x[i];
      s0 += code * weights[i];
      s1 += code * weights[4 + i];
      s2 += code * weights[8 + i];
      s3 += code * weights[12 + i];
    }
  }
#endif
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
  return weights;
}

#endif
