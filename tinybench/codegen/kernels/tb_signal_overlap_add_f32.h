/* Frames of `size` samples are added, one every `step`: what is still added to is kept. */
#ifndef TB_SIGNAL_OVERLAP_ADD_F32_H
#define TB_SIGNAL_OVERLAP_ADD_F32_H

#include "tb_types.h"

struct tb_signal_overlap_add_f32 {
  int32_t rows, frames, size, step;
};

TB_KERNEL void tb_signal_overlap_add_f32(const struct tb_signal_overlap_add_f32 *p,
                                         const tb_f32 *input, tb_f32 *output, tb_f32 *kept) {
  const int32_t most = p->size - p->step;
  for (int32_t row = 0; row < p->rows; row++) {
    for (int32_t frame = 0; frame < p->frames; frame++) {
      for (int32_t i = 0; i < p->size; i++) {
        const float before = i < most ? kept[i] : 0;
        const float sum = input[i] + before;
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
