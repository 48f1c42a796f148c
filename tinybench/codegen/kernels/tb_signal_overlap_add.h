/* The kernels of SignalOverlapAdd: TB_SIGNAL_OVERLAP_ADD(name, type, sum_of).
 *
 * Frames of `size` samples are added, one every `step`: what is still added to is kept. */
#ifndef TB_SIGNAL_OVERLAP_ADD_H
#define TB_SIGNAL_OVERLAP_ADD_H

#include "tb_types.h"

#define TB_SIGNAL_OVERLAP_ADD(name, type, sum_of)                                                  \
  struct name {                                                                                    \
    int32_t rows, frames, size, step;                                                              \
  };                                                                                               \
  TB_KERNEL void name(const struct name *p, const type *input, type *output, type *kept) {         \
    const int32_t most = p->size - p->step;                                                        \
    for (int32_t row = 0; row < p->rows; row++) {                                                  \
      for (int32_t frame = 0; frame < p->frames; frame++) {                                        \
        for (int32_t i = 0; i < p->size; i++) {                                                    \
          const type before = i < most ? kept[i] : 0;                                              \
          const type sum = sum_of(input[i], before);                                               \
          if (i < p->step) {                                                                       \
            output[i] = sum;                                                                       \
          } else {                                                                                 \
            kept[i - p->step] = sum;                                                               \
          }                                                                                        \
        }                                                                                          \
        input += p->size;                                                                          \
        output += p->step;                                                                         \
      }                                                                                            \
      kept += most;                                                                                \
    }                                                                                              \
  }

#endif
