/* Automatic gain by channel: output = shrink(input * gain(noise) >> shift).
 *
 * The gain is read from a table of three numbers an octave, a parabola; the product's 12 binary
 * places become 6. Source: tflite-micro `signal/src/pcan_argc_fixed.cc`. */
#ifndef TB_SIGNAL_PCAN_H
#define TB_SIGNAL_PCAN_H

#include "tb_signal.h"

struct tb_signal_pcan {
  int32_t elements, shift;
};

static inline int16_t tb_pcan_gain(uint32_t noise, const tb_i16 *table) {
  if (noise <= 2) {
    return table[noise];
  }
  const int32_t octave = tb_bit_length(noise);
  const tb_i16 *const piece = table + 4 * octave - 6;
  const uint32_t place = octave < 11 ? noise << (11 - octave) : noise >> (octave - 11);
  const int32_t inside = (int32_t)(place & 0x3ffu);
  /* Sums wrap around, as they would in a register: a table can be of any numbers. */
  uint32_t value = (uint32_t)((piece[2] * inside) >> 5) + ((uint32_t)(int32_t)piece[1] << 5);
  value = value * (uint32_t)inside + (1u << 14);
  return tb_low_half(((int32_t)value >> 15) + piece[0]);
}

TB_KERNEL void tb_signal_pcan(const struct tb_signal_pcan *p, const tb_word *input,
                              const tb_word *noise, const tb_i16 *table, tb_word *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const uint32_t gain = (uint32_t)(int32_t)tb_pcan_gain(noise[i], table);
    const uint32_t ratio = (uint32_t)(((uint64_t)input[i] * gain) >> p->shift);
    output[i] = ratio < 8192u ? (ratio * ratio) >> 20 : (ratio >> 6) - 64u;
  }
}

#endif
