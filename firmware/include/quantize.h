/* Real numbers to integer codes and back: freestanding, no libm, single precision only. */
#ifndef QUANTIZE_H
#define QUANTIZE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* round(x / scale) + zero_point, halves away from zero, saturated to [low, high].
   NaN gives the code of 0.0; infinities saturate. scale > 0, and codes are at most 24 bits wide.
   Do not compile with -ffast-math: it removes the test for NaN and the division. */
static inline int32_t model_quantize(float x, float scale, int32_t zero_point, int32_t low,
                                     int32_t high) {
  /* A division, because a multiplication by 1/scale rounds some values to another code. */
  float steps = x / scale;
  int32_t code = zero_point;
  if (steps >= 16777216.0f) return high; /* beyond the range of the conversion below */
  if (steps <= -16777216.0f) return low;
  if (steps == steps) {
    int32_t whole = (int32_t)steps;
    /* Exact; adding 0.5f instead would round 0.49999997f up. */
    float rest = steps - (float)whole;
    code += whole + (rest >= 0.5f) - (rest <= -0.5f);
  }
  return code < low ? low : code > high ? high : code;
}

static inline float model_dequantize(int32_t code, float scale, int32_t zero_point) {
  return scale * (float)(code - zero_point);
}

#ifdef __cplusplus
}
#endif

#endif
