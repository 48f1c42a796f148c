/* Columns of int8 inputs (tb_columns.h) less their zero point, so that 0 is nothing. */
#ifndef TB_CENTRED_H
#define TB_CENTRED_H

#include "tb_types.h"

/* tb_spread_s8 without the zero point, which is given twice, as int16 in one word. */
static inline void tb_spread_centred_s8(const int8_t *row, int32_t groups, int32_t lane,
                                        uint32_t zero_points, tb_i32 *columns) {
#if defined(__ARM_FEATURE_DSP)
  const tb_any_word *words = (const tb_any_word *)(const void *)row;
  for (tb_i32 *to = columns + lane; groups; groups--, to += 8) {
    uint32_t odd = *words++, even;
    __asm__("sxtb16 %[even], %[odd]\n"
            "sxtb16 %[odd], %[odd], ror #8\n"
            "ssub16 %[even], %[even], %[zero]\n"
            "ssub16 %[odd], %[odd], %[zero]\n"
            : [odd] "+r"(odd), [even] "=&r"(even)
            : [zero] "r"(zero_points));
    to[0] = (int32_t)even;
    to[4] = (int32_t)odd;
  }
#else
  const int32_t zero = (int16_t)(zero_points & 0xFFFF);
  for (tb_i16 *to = (tb_i16 *)columns + lane; groups; groups--, row += 4, to += 16) {
    to[0] = (int16_t)(row[0] - zero);
    to[4] = (int16_t)(row[1] - zero);
    to[8] = (int16_t)(row[2] - zero);
    to[12] = (int16_t)(row[3] - zero);
  }
#endif
}

static inline uint32_t tb_twice(int32_t zero_point) {
  const uint32_t half = (uint32_t)zero_point & 0xFFFF;
  return half | half << 16;
}

#endif
