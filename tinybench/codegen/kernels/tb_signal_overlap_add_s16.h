/* Frames of `size` samples are added, one every `step`: what is still added to is kept.
 *
 * Sums end at the limits of 16 bits. */
#ifndef TB_SIGNAL_OVERLAP_ADD_S16_H
#define TB_SIGNAL_OVERLAP_ADD_S16_H

#include "tb_types.h"

struct tb_signal_overlap_add_s16 {
  int32_t rows, frames, size, step;
};

TB_KERNEL void tb_signal_overlap_add_s16(const struct tb_signal_overlap_add_s16 *p,
                                         const tb_i16 *input, tb_i16 *output, tb_i16 *kept) {
  const int32_t most = p->size - p->step;
  for (int32_t row = 0; row < p->rows; row++) {
    for (int32_t frame = 0; frame < p->frames; frame++) {
      for (int32_t i = 0; i < p->size; i++) {
        const int32_t before = i < most ? kept[i] : 0;
        const int16_t sum = (int16_t)tb_clamp(input[i] + before, -32768, 32767);
        if (i < p->step) {
          output[i] = sum;
        } else {
          kept[i - p->step] = sum;
        }
      }
      input += p->size;
      output += p->step;
    }
    kept += most;
  }
}

#endif
