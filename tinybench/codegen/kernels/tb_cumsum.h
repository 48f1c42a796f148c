/* The lines of a tensor along one axis, from either end. */
#ifndef TB_CUMSUM_H
#define TB_CUMSUM_H

#include "tb_types.h"

struct tb_cumsum {
  int32_t outer, size, inner; /* dimensions before the axis, the axis, dimensions after it */
  int32_t step;               /* to the next element of a line: minus `inner` from the end */
  int32_t exclusive;
};

static inline int32_t tb_cumsum_start(const struct tb_cumsum *p, int32_t line) {
  const int32_t last = p->step < 0 ? (p->size - 1) * p->inner : 0;
  return line / p->inner * p->size * p->inner + line % p->inner + last;
}

#endif
