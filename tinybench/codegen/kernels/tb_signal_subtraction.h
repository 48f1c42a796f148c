/* Take the noise that is always there off each channel; its estimate follows slowly.
 *
 * Even and odd channels follow at other speeds. What is left is never less than a part of the
 * input. Source: tflite-micro `signal/src/filter_bank_spectral_subtraction.cc`. */
#ifndef TB_SIGNAL_SUBTRACTION_H
#define TB_SIGNAL_SUBTRACTION_H

#include "tb_signal.h"

struct tb_signal_subtraction {
  const int32_t *smoothing, *kept; /* two each: of even channels, of odd ones */
  int32_t channels;
  int32_t least;
  int32_t smoothing_bits, bits;
  int32_t clamps; /* the estimate is never above the input */
};

TB_KERNEL void tb_signal_subtraction(const struct tb_signal_subtraction *p, const tb_word *input,
                                     tb_word *output, tb_word *estimate, tb_word *state) {
  for (int32_t i = 0; i < p->channels; i++) {
    const uint32_t smoothing = (uint32_t)p->smoothing[i & 1], kept = (uint32_t)p->kept[i & 1];
    const uint32_t value = input[i], scaled = value << p->smoothing_bits;
    uint32_t noise =
        (uint32_t)(((uint64_t)scaled * smoothing + (uint64_t)state[i] * kept) >> p->bits);
    const uint32_t taken = noise > scaled ? scaled : noise;
    if (p->clamps) {
      noise = taken;
    }
    const uint32_t least = (uint32_t)(((uint64_t)value * (uint32_t)p->least) >> p->bits);
    const uint32_t left = (scaled - taken) >> p->smoothing_bits;
    output[i] = left > least ? left : least;
    state[i] = noise;
    estimate[i] = noise;
  }
}

#endif
