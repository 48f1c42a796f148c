/* The range of a fused activation, and the kernels' order of sums: one product after the other.
 *
 * A float sum depends on its order, so every kernel adds in TFLM's. Compile with
 * -ffp-contract=off: a fused multiply-add rounds once where TFLM's host build rounds twice. */
#ifndef TB_ACTIVATE_F32_H
#define TB_ACTIVATE_F32_H

#include "tb_types.h"

/* Without an activation the range is that of finite floats, so infinities become the largest one;
 * NaN stays, as with std::min and std::max. */
static inline float tb_activate_f32(float value, float low, float high) {
  value = value < low ? low : value;
  return high < value ? high : value;
}

#endif
