/* Sums of energies under overlapping triangles.
 *
 * Each band's energies are weighted twice: for the channel that ends in it and, with the
 * complement of the weights, for the next one. The first channel only begins: it is not stored. */
#ifndef TB_SIGNAL_FILTER_BANK_H
#define TB_SIGNAL_FILTER_BANK_H

#include "tb_signal.h"

struct tb_signal_filter_bank {
  int32_t channels;
};

TB_KERNEL void tb_signal_filter_bank(const struct tb_signal_filter_bank *p, const tb_word *input,
                                     const tb_i16 *weights, const tb_i16 *unweights,
                                     const tb_i16 *frequency_starts, const tb_i16 *weight_starts,
                                     const tb_i16 *widths, tb_word *output) {
  uint64_t next = 0;
  for (int32_t channel = 0; channel <= p->channels; channel++) {
    const tb_word *const from = input + frequency_starts[channel];
    const int32_t start = weight_starts[channel];
    uint64_t sum = next;
    next = 0;
    for (int32_t i = 0; i < widths[channel]; i++) {
      const uint64_t energy = from[i];
      sum += (uint64_t)(int64_t)weights[start + i] * energy;
      next += (uint64_t)(int64_t)unweights[start + i] * energy;
    }
    if (channel) {
      *output++ = (uint32_t)sum;
      *output++ = (uint32_t)(sum >> 32);
    }
  }
}

#endif
