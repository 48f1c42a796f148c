/* From an accumulator to an int16 code, as TFLM does it: two rules.
 *
 * With biases of 64 bits, the multiplier is cut to 16 bits and there is one rounding, half up. With
 * biases of 32 bits or none, the accumulator has 32 bits and is rescaled as for int8. */
#ifndef TB_SCALE_S16_H
#define TB_SCALE_S16_H

#include "tb_requantize.h"

struct tb_scale_s16 {
  const int32_t *multiplier; /* by channel if channel_mask is -1, one for all if it is 0 */
  const int8_t *shift;       /* to the right if `wide`, else positive to the left */
  int32_t channel_mask;
  int32_t wide;
  int32_t low, high; /* the activation's range, in codes */
};

static inline int16_t tb_scale_s16(int64_t sum, const struct tb_scale_s16 *s, int32_t channel) {
  const int32_t multiplier = s->multiplier[channel & s->channel_mask];
  const int32_t shift = s->shift[channel & s->channel_mask];
  int32_t code;
  if (s->wide) {
    code = (int32_t)((sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
  } else {
    code = tb_rescale((int32_t)sum, multiplier, shift);
  }
  return (int16_t)tb_clamp(code, s->low, s->high);
}

/* The same for a sum that fits 32 bits. */
static inline int16_t tb_scale_narrow_s16(int32_t sum, const struct tb_scale_s16 *s,
                                          int32_t channel) {
  const int32_t multiplier = s->multiplier[channel & s->channel_mask];
  const int32_t shift = s->shift[channel & s->channel_mask];
  int32_t code;
  if (s->wide) {
    code = (int32_t)(((int64_t)sum * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
  } else {
    code = tb_rescale(sum, multiplier, shift);
  }
  return (int16_t)tb_clamp(code, s->low, s->high);
}

#endif
