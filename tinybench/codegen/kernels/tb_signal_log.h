/* output = scale * ln(input * 2^bits) / 65536 in fixed point, at most 32767; 0 for 0 and 1.
 *
 * The logarithm to base 2 is the number of bits and, for what is behind the first, that fraction
 * plus a correction from a table of 128 pieces, between which it is linear. ln 2 * 65536 is 45426.
 * Source: tflite-micro `signal/src/log.cc`. */
#ifndef TB_SIGNAL_LOG_H
#define TB_SIGNAL_LOG_H

#include "tb_signal.h"

struct tb_signal_log {
  const int16_t *corrections; /* 130: the ends of the pieces, and one more */
  int32_t elements, bits, scale;
};

static inline uint32_t tb_log_u32(uint32_t x, uint32_t scale, const int16_t *corrections) {
  const int32_t whole = tb_bit_length(x) - 1;
  uint32_t part = x - (1u << whole);
  part = whole < 16 ? part << (16 - whole) : part >> (whole - 16);
  const int16_t *const piece = corrections + (part >> 9);
  const int32_t inside = (int32_t)(part & 511u);
  const int32_t slope = ((piece[1] - piece[0]) * inside) >> 16;
  const uint32_t log2 = ((uint32_t)whole << 16) + part + (uint32_t)(piece[0] + slope);
  const uint32_t ln = (uint32_t)(((uint64_t)45426u * log2 + 32768u) >> 16);
  return (scale * ln + 32768u) >> 16;
}

TB_KERNEL void tb_signal_log(const struct tb_signal_log *p, const tb_word *input, tb_i16 *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const uint32_t scaled = input[i] << p->bits;
    const uint32_t value = scaled > 1 ? tb_log_u32(scaled, (uint32_t)p->scale, p->corrections) : 0;
    output[i] = (int16_t)(value < 32767u ? value : 32767u);
  }
}

#endif
