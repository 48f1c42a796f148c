/* Whole numbers next to a float32, without a library. */
#ifndef TB_WHOLE_F32_H
#define TB_WHOLE_F32_H

#include "tb_types.h"

/* From 2^23 on all are whole. */
static inline float tb_whole_below_f32(float x) {
  if (!(x > -8388608.0f && x < 8388608.0f)) {
    return x;
  }
  const float whole = (float)(int32_t)x;
  return whole == x ? x : whole > x ? whole - 1 : whole; /* x itself: -0 stays */
}

static inline float tb_whole_next_f32(float x) {
  const float below = tb_whole_below_f32(x), rest = x - below;
  if (rest < 0.5f || (rest == 0.5f && !((int32_t)below & 1))) {
    return below;
  }
  return below + 1;
}

#endif
