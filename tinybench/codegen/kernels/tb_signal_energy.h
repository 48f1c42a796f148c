/* output[i] = re^2 + im^2 of the points from `start` to `end`; 0 elsewhere, which the runtime
 * leaves as it is. */
#ifndef TB_SIGNAL_ENERGY_H
#define TB_SIGNAL_ENERGY_H

#include "tb_signal.h"

struct tb_signal_energy {
  int32_t start, end, size;
};

TB_KERNEL void tb_signal_energy(const struct tb_signal_energy *p, const tb_i16 *input,
                                tb_word *output) {
  for (int32_t i = 0; i < p->size; i++) {
    uint32_t sum = 0;
    if (i >= p->start && i < p->end) {
      const int32_t real = input[2 * i], imaginary = input[2 * i + 1];
      sum = (uint32_t)(real * real) + (uint32_t)(imaginary * imaginary);
    }
    output[i] = sum;
  }
}

#endif
