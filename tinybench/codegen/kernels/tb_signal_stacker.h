/* Frames side by side: the result is the last ones, every `step`; they are kept until then.
 *
 * The first frame stands for those before it, too. Until there are enough, the result is zeros and
 * not valid. All sizes are of whole frames' numbers. */
#ifndef TB_SIGNAL_STACKER_H
#define TB_SIGNAL_STACKER_H

#include "tb_types.h"

struct tb_signal_stacker {
  int32_t channels, before, size, step;
};

/* `counter` is -1 before the first frame. */
TB_KERNEL void tb_signal_stacker(const struct tb_signal_stacker *p, const tb_i16 *input,
                                 tb_i16 *output, uint8_t *valid, tb_i32 *counter, tb_i16 *kept) {
  const int32_t first = *counter < 0;
  int32_t count = first ? 0 : *counter;
  const int32_t end = count + (first ? p->before + 1 : 1) * p->channels;
  const int32_t complete = end >= p->size;
  tb_i16 *const to = complete ? output : kept;
  if (complete) {
    for (int32_t i = 0; i < count; i++) {
      output[i] = kept[i];
    }
  } else {
    memset(output, 0, (size_t)p->size * sizeof *output);
  }
  while (count < end) {
    for (int32_t i = 0; i < p->channels; i++) {
      to[count++] = input[i];
    }
  }
  if (complete) {
    count -= p->step;
    for (int32_t i = 0; i < count; i++) {
      kept[i] = output[p->step + i];
    }
  }
  *counter = count;
  *valid = (uint8_t)complete;
}

#endif
