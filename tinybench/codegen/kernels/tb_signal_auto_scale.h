/* output = input * 2^bits, with as many bits as the largest magnitude leaves room for.
 *
 * The magnitude of -32768 is one more than an int16 holds: it becomes -32768 again, as in the
 * runtime, and what follows is larger. Nothing is scaled if the largest is 0 or below. */
#ifndef TB_SIGNAL_AUTO_SCALE_H
#define TB_SIGNAL_AUTO_SCALE_H

#include "tb_signal.h"

struct tb_signal_auto_scale {
  int32_t size;
};

TB_KERNEL void tb_signal_auto_scale(const struct tb_signal_auto_scale *p, const tb_i16 *input,
                                    tb_i16 *output, tb_i32 *scale_bits) {
  int32_t largest = 0;
  for (int32_t i = 0; i < p->size; i++) {
    const int32_t value = input[i];
    if (value > largest) {
      largest = value;
    } else if (-value > largest) {
      largest = tb_low_half(-value);
    }
  }
  const int32_t bits = largest > 0 ? 15 - tb_bit_length((uint32_t)largest) : 0;
  for (int32_t i = 0; i < p->size; i++) {
    output[i] = tb_low_half(input[i] * ((int32_t)1 << bits));
  }
  *scale_bits = bits;
}

#endif
