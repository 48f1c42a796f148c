/* output = the shape that two shapes broadcast to: a size of one gives way to the other's.
 *
 * TFLM takes the low 32 bits of sizes of 64; it stops where two sizes contradict each other, here
 * the first one wins. */
#ifndef TB_BROADCAST_ARGS_H
#define TB_BROADCAST_ARGS_H

#include "tb_types.h"

struct tb_broadcast_args {
  int32_t first, second, sizes; /* how many */
  int32_t words;                /* 32-bit words of a size: 1 or 2 */
};

TB_KERNEL void tb_broadcast_args(const struct tb_broadcast_args *p, const void *first,
                                 const void *second, tb_i32 *output) {
  const tb_i32 *const a = (const tb_i32 *)first, *const b = (const tb_i32 *)second;
  const int32_t words = p->words;
  for (int32_t i = 1; i <= p->sizes; i++) {
    const int32_t x = i > p->first ? 1 : a[(p->first - i) * words];
    const int32_t y = i > p->second ? 1 : b[(p->second - i) * words];
    const int32_t size = x == 1 ? y : x;
    tb_i32 *const to = output + (p->sizes - i) * words;
    *to = size;
    if (words == 2) {
      to[1] = size < 0 ? -1 : 0;
    }
  }
}

#endif
