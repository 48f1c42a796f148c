/* Forget the oldest slot of a buffer, and put the input behind the newest. */
#ifndef TB_CIRCULAR_BUFFER_H
#define TB_CIRCULAR_BUFFER_H

#include "tb_types.h"

struct tb_circular_buffer {
  int32_t slots, depth; /* bytes of one slot */
};

TB_KERNEL void tb_circular_buffer(const struct tb_circular_buffer *p, const int8_t *input,
                                  int8_t *buffer) {
  const size_t depth = (size_t)p->depth;
  for (int32_t slot = 1; slot < p->slots; slot++, buffer += depth) {
    memcpy(buffer, buffer + depth, depth);
  }
  memcpy(buffer, input, depth);
}

#endif
