/* output = clamp(input * weights >> shift), the weights again for each frame. */
#ifndef TB_SIGNAL_WINDOW_H
#define TB_SIGNAL_WINDOW_H

#include "tb_types.h"

struct tb_signal_window {
  int32_t frames, size, shift;
};

TB_KERNEL void tb_signal_window(const struct tb_signal_window *p, const tb_i16 *input,
                                const tb_i16 *weights, tb_i16 *output) {
  for (int32_t frame = 0; frame < p->frames; frame++) {
    for (int32_t i = 0; i < p->size; i++) {
      const int32_t product = *input++ * (int32_t)weights[i];
      *output++ = (int16_t)tb_clamp(product >> p->shift, -32768, 32767);
    }
  }
}

#endif
