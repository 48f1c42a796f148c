/* output = square root of a long word, rounded, then shifted down by the operand's bits.
 *
 * Of a number that fits 32 bits it is at most 65535, which the runtime's short form ends at. */
#ifndef TB_SIGNAL_SQUARE_ROOT_H
#define TB_SIGNAL_SQUARE_ROOT_H

#include "tb_signal.h"

struct tb_signal_square_root {
  int32_t elements;
};

static inline uint32_t tb_root_u32(uint32_t x) {
  uint32_t root = 0;
  /* The highest power of four that is not above x. */
  for (uint32_t bit = x ? 1u << ((tb_bit_length(x) - 1) & ~1) : 0; bit; bit >>= 2) {
    const uint32_t trial = root + bit;
    root >>= 1;
    if (x >= trial) {
      x -= trial;
      root += bit;
    }
  }
  return root + (x > root && root != 0xffffu);
}

static inline uint32_t tb_root_u64(uint64_t x) {
  if (x >> 32 == 0) {
    return tb_root_u32((uint32_t)x);
  }
  uint64_t root = 0;
  const int32_t highest = (tb_bit_length((uint32_t)(x >> 32)) + 31) & ~1;
  for (uint64_t bit = (uint64_t)1 << highest; bit; bit >>= 2) {
    const uint64_t trial = root + bit;
    root >>= 1;
    if (x >= trial) {
      x -= trial;
      root += bit;
    }
  }
  return (uint32_t)root + (x > root && root != 0xffffffffu);
}

TB_KERNEL void tb_signal_square_root(const struct tb_signal_square_root *p, const tb_word *input,
                                     const tb_i32 *scale_bits, tb_word *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    const uint64_t value = (uint64_t)input[2 * i + 1] << 32 | input[2 * i];
    output[i] = tb_root_u64(value) >> (*scale_bits & 31);
  }
}

#endif
