/* Each row comes `delay` samples later: what is not out yet is kept. */
#ifndef TB_SIGNAL_DELAY_H
#define TB_SIGNAL_DELAY_H

#include "tb_types.h"

struct tb_signal_delay {
  int32_t rows, size, delay;
};

TB_KERNEL void tb_signal_delay(const struct tb_signal_delay *p, const tb_i16 *input, tb_i16 *output,
                               tb_i16 *kept) {
  const int32_t size = p->size, delay = p->delay;
  for (int32_t row = 0; row < p->rows; row++) {
    for (int32_t i = 0; i < size; i++) {
      output[i] = i < delay ? kept[i] : input[i - delay];
    }
    for (int32_t i = 0, from = size; i < delay; i++, from++) {
      kept[i] = from < delay ? kept[from] : input[from - delay];
    }
    input += size;
    output += size;
    kept += delay;
  }
}

#endif
