/* Frames of `size` samples, one every `step`: what the next ones need, too, is kept.
 *
 * Until there are enough samples for a frame, it is zeros, and the result is not valid. */
#ifndef TB_SIGNAL_FRAMER_H
#define TB_SIGNAL_FRAMER_H

#include "tb_types.h"

struct tb_signal_framer {
  int32_t rows, frames, size, step;
  int32_t most; /* samples of a row that are ever kept */
};

/* Takes `step` samples, and gives a frame if it can; `count` samples are kept before. */
static inline int32_t tb_signal_frame(const struct tb_signal_framer *p, const tb_i16 *input,
                                      tb_i16 *output, tb_i16 *kept, int32_t count) {
  const int32_t complete = count + p->step >= p->size;
  if (complete) {
    for (int32_t i = 0; i < p->size; i++) {
      output[i] = i < count ? kept[i] : input[i - count];
    }
    for (int32_t i = 0, from = p->step; i < count; i++, from++) {
      kept[i] = from < count ? kept[from] : input[from - count];
    }
  } else {
    memset(output, 0, (size_t)p->size * sizeof *output);
    for (int32_t i = 0; i < p->step; i++) {
      kept[count + i] = input[i];
    }
  }
  return complete;
}

TB_KERNEL void tb_signal_framer(const struct tb_signal_framer *p, const tb_i16 *input,
                                tb_i16 *output, uint8_t *valid, tb_i32 *counter, tb_i16 *kept) {
  int32_t count = *counter;
  *valid = 1;
  for (int32_t row = 0; row < p->rows; row++) {
    count = *counter;
    for (int32_t frame = 0; frame < p->frames; frame++) {
      if (!tb_signal_frame(p, input, output, kept, count)) {
        *valid = 0;
        count += p->step;
      }
      input += p->step;
      output += p->size;
    }
    kept += p->most;
  }
  *counter = count; /* the same for every row */
}

#endif
