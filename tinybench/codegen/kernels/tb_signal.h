/* What kernels of sound share: unsigned words of the arena, and the place of the highest bit. */
#ifndef TB_SIGNAL_H
#define TB_SIGNAL_H

#include "tb_types.h"

typedef uint32_t TB_MAY_ALIAS tb_word; /* a word, or half of a long one: the lower half first */

/* How many bits a number has: 0 for 0, 32 if the highest is set. */
static inline int32_t tb_bit_length(uint32_t x) {
#if defined(__GNUC__) && __SIZEOF_INT__ == 4
  return x ? 32 - __builtin_clz(x) : 0;
#else
  int32_t bits = 0;
  for (; x; x >>= 1) {
    bits++;
  }
  return bits;
#endif
}

/* Of a signed number, what is left in its lower half. */
static inline int16_t tb_low_half(int32_t x) { return (int16_t)(uint16_t)((uint32_t)x & 0xffffu); }

#endif
