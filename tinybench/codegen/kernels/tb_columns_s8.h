/* Two input rows of a convolution side by side, and their products with two channels.
 *
 * A pair of rows is multiplied with every channel, so it is worth preparing. With the DSP
 * extension it is widened to int16 and interleaved by groups of four inputs: the even ones of the
 * first row, its odd ones, then those of the second, 16 bytes a group. Without, the rows stay as
 * they are. Weights are in blocks of 2 channels, laid out as for tb_dot_s8.h. */
#ifndef TB_COLUMNS_S8_H
#define TB_COLUMNS_S8_H

#include "tb_types.h"

struct tb_columns {
#if defined(__ARM_FEATURE_DSP)
  const tb_i32 *pair;
#else
  const int8_t *x, *y;
#endif
};

/* `pair` has room for 16 bytes a group. */
static inline struct tb_columns tb_pair(const int8_t *x, const int8_t *y, int32_t groups,
                                        tb_i32 *pair) {
  struct tb_columns columns;
#if defined(__ARM_FEATURE_DSP)
  tb_i32 *const end = pair + 4 * groups;
  columns.pair = pair;
  while (pair != end) {
    uint32_t even, odd;
    __asm__ volatile(
        "ldr %[odd], [%[x]], #4\n"
        "sxtb16 %[even], %[odd]\n"
        "sxtb16 %[odd], %[odd], ror #8\n"
        "strd %[even], %[odd], [%[to]], #8\n"
        "ldr %[odd], [%[y]], #4\n"
        "sxtb16 %[even], %[odd]\n"
        "sxtb16 %[odd], %[odd], ror #8\n"
        "strd %[even], %[odd], [%[to]], #8\n"
        : [x] "+r"(x), [y] "+r"(y), [to] "+r"(pair), [even] "=&r"(even), [odd] "=&r"(odd)
        :
        : "memory");
  }
#else
  (void)groups;
  (void)pair;
  columns.x = x;
  columns.y = y;
#endif
  return columns;
}

#if defined(__ARM_FEATURE_DSP)
/* The four inputs of each row in r4, r5 (first row) and r6, r8: one load of four words. */
#define TB_COLUMNS_CHANNEL(first, second)    \
  "ldr %[w], [%[from]], #4\n"                \
  "sxtb16 %[t], %[w]\n"                      \
  "sxtb16 %[w], %[w], ror #8\n"              \
  "smlad %[" first "], %[t], r4, %[" first "]\n"   \
  "smlad %[" second "], %[t], r6, %[" second "]\n" \
  "smlad %[" first "], %[w], r5, %[" first "]\n"   \
  "smlad %[" second "], %[w], r8, %[" second "]\n"

#define TB_COLUMNS_GROUP            \
  "ldmia %[pair]!, {r4, r5, r6, r8}\n" \
  TB_COLUMNS_CHANNEL("s0", "s2")    \
  TB_COLUMNS_CHANNEL("s1", "s3")

#define TB_COLUMNS_OPERANDS                                                            \
  [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [pair] "+r"(pair),       \
      [from] "+r"(weights), [w] "=&r"(w), [t] "=&r"(t)
#endif

/* Add both rows times a block of two channels to `sum`: channels 0 and 1 of the first row, then of
 * the second; return the next block's weights. */
static inline const int8_t *tb_dot_2x2(struct tb_columns columns, const int8_t *weights,
                                       int32_t groups, int32_t sum[4]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
  const int8_t *const end = weights + 8 * groups;
#if defined(__ARM_FEATURE_DSP)
  const tb_i32 *pair = columns.pair;
  uint32_t w, t;
  if (groups & 1) {
    __asm__ volatile(TB_COLUMNS_GROUP
                     : TB_COLUMNS_OPERANDS
                     :
                     : "r4", "r5", "r6", "r8", "memory");
  }
  if (weights != end) {
    __asm__ volatile("1:\n" TB_COLUMNS_GROUP TB_COLUMNS_GROUP
                     "cmp %[from], %[end]\n"
                     "bne 1b\n"
                     : TB_COLUMNS_OPERANDS
                     : [end] "r"(end)
                     : "r4", "r5", "r6", "r8", "memory", "cc");
  }
#else
  const int8_t *x = columns.x, *y = columns.y;
  for (; weights != end; weights += 8, x += 4, y += 4) {
    for (int i = 0; i < 4; i++) {
      const int32_t code_x = x[i], code_y = y[i];
      s0 += code_x * weights[i];
      s1 += code_x * weights[4 + i];
      s2 += code_y * weights[i];
      s3 += code_y * weights[4 + i];
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
