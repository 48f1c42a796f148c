/* Copy a block to or from a place that numbers give while the program runs: SLICE with a computed
 * begin, DYNAMIC_UPDATE_SLICE. The place is clamped, so that the block is within the tensor. */
#ifndef TB_COPY_AT_H
#define TB_COPY_AT_H

#include "tb_copy.h"

struct tb_copy_at {
  struct tb_copy copy;
  int32_t rank;
  int32_t wide;   /* the numbers have 64 bits, not 32 */
  int32_t source; /* the place is in the input, not in the output */
  const int32_t *most, *step; /* of each number: the largest, and its bytes */
};

static inline int32_t tb_copy_at_clamped(const void *numbers, int32_t wide, int32_t i,
                                         int32_t most) {
  const tb_i32 *const words = (const tb_i32 *)numbers;
  int32_t low = words[wide ? 2 * i : i];
  if (wide && words[2 * i + 1] != (low < 0 ? -1 : 0)) { /* more than 32 bits */
    low = words[2 * i + 1] < 0 ? -1 : INT32_MAX;
  }
  return tb_clamp(low, 0, most);
}

TB_KERNEL void tb_copy_at(const struct tb_copy_at *p, const void *input, const void *numbers,
                          void *output) {
  int32_t place = 0;
  for (int32_t i = 0; i < p->rank; i++) {
    place += tb_copy_at_clamped(numbers, p->wide, i, p->most[i]) * p->step[i];
  }
  tb_copy(&p->copy, (const uint8_t *)input + (p->source ? place : 0),
          (uint8_t *)output + (p->source ? 0 : place));
}

#endif
