/* Four input rows of a convolution side by side, and their products with one channel.
 *
 * Rows are multiplied with every channel, so they are worth preparing: interleaved in columns of
 * int16. A group of four inputs takes 32 bytes. With the DSP extension these are inputs 0 and 2 of
 * each row, then inputs 1 and 3 of each: pairs as SXTB16 makes them of weights. Without, they are
 * input 0 of each row, input 1 of each, and so on. Weights are plain rows of int8 that are filled
 * up with zeros to whole groups, so inputs may be read beyond their end by up to 3. */
#ifndef TB_COLUMNS_H
#define TB_COLUMNS_H

#include "tb_types.h"

#define TB_COLUMNS_BYTES 32 /* of a group */

/* Write int8 inputs to the columns, as lane 0 to 3. */
static inline void tb_spread_s8(const int8_t *row, int32_t groups, int32_t lane,
                                tb_i32 *columns) {
#if defined(__ARM_FEATURE_DSP)
  tb_i32 *to = columns + lane;
  uint32_t even, odd;
  const int8_t *const end = row + 4 * groups;
  __asm__ volatile(
      "1:\n"
      "ldr %[odd], [%[row]], #4\n"
      "sxtb16 %[even], %[odd]\n"
      "sxtb16 %[odd], %[odd], ror #8\n"
      "cmp %[row], %[end]\n"
      "str %[odd], [%[to], #16]\n"
      "str %[even], [%[to]], #32\n"
      "bne 1b\n"
      : [row] "+r"(row), [to] "+r"(to), [even] "=&r"(even), [odd] "=&r"(odd)
      : [end] "r"(end)
      : "memory", "cc");
#else
  tb_i16 *to = (tb_i16 *)columns + lane;
  for (int32_t i = 0; i < groups; i++, row += 4, to += 16) {
    to[0] = row[0];
    to[4] = row[1];
    to[8] = row[2];
    to[12] = row[3];
  }
#endif
}

/* The same for int16 inputs. */
static inline void tb_spread_s16(const tb_i16 *row, int32_t groups, int32_t lane,
                                 tb_i32 *columns) {
#if defined(__ARM_FEATURE_DSP)
  const tb_any_word *words = (const tb_any_word *)(const void *)row;
  for (tb_i32 *to = columns + lane; groups; groups--, words += 2, to += 8) {
    const uint32_t first = words[0], second = words[1];
    to[0] = (int32_t)((first & 0xFFFF) | (second << 16));
    to[4] = (int32_t)((first >> 16) | (second & 0xFFFF0000));
  }
#else
  for (tb_i16 *to = (tb_i16 *)columns + lane; groups; groups--, row += 4, to += 16) {
    to[0] = row[0];
    to[4] = row[1];
    to[8] = row[2];
    to[12] = row[3];
  }
#endif
}

#if defined(__ARM_FEATURE_DSP)
#define TB_COLUMNS_GROUP                   \
  "ldr %[w], [%[from]], #4\n"              \
  "ldmia %[columns]!, {r4, r5, r6, r8}\n"  \
  "sxtb16 %[t], %[w]\n"                    \
  "sxtb16 %[w], %[w], ror #8\n"            \
  "smlad %[s0], %[t], r4, %[s0]\n"         \
  "smlad %[s1], %[t], r5, %[s1]\n"         \
  "smlad %[s2], %[t], r6, %[s2]\n"         \
  "smlad %[s3], %[t], r8, %[s3]\n"         \
  "ldmia %[columns]!, {r4, r5, r6, r8}\n"  \
  "smlad %[s0], %[w], r4, %[s0]\n"         \
  "smlad %[s1], %[w], r5, %[s1]\n"         \
  "smlad %[s2], %[w], r6, %[s2]\n"         \
  "smlad %[s3], %[w], r8, %[s3]\n"

#define TB_COLUMNS_OPERANDS                                                            \
  [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [columns] "+r"(columns), \
      [from] "+r"(weights), [w] "=&r"(w), [t] "=&r"(t)
#endif

/* The products of all four rows with the channel whose weights follow, added to `bias`; return
 * the weights after them. */
static inline const int8_t *tb_dot_4x1(const tb_i32 *columns, const int8_t *weights,
                                       int32_t groups, int32_t bias, int32_t sum[4]) {
  int32_t s0 = bias, s1 = bias, s2 = bias, s3 = bias;
  const int8_t *const end = weights + 4 * groups;
#if defined(__ARM_FEATURE_DSP)
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
  for (const tb_i16 *x = (const tb_i16 *)columns; weights != end; weights += 4, x += 16) {
    for (int i = 0; i < 4; i++) {
      s0 += x[4 * i] * weights[i];
      s1 += x[4 * i + 1] * weights[i];
      s2 += x[4 * i + 2] * weights[i];
      s3 += x[4 * i + 3] * weights[i];
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
