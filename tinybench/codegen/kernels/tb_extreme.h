/* output = the larger or the smaller of two codes of any type */
#ifndef TB_EXTREME_H
#define TB_EXTREME_H

#include "tb_code.h"
#include "tb_walk.h"

struct tb_extreme {
  struct tb_walk walk;
  int32_t kind;    /* type: TB_INT8 and so on */
  int32_t maximum; /* 1 for the larger, 0 for the smaller */
};

TB_KERNEL void tb_extreme(const struct tb_extreme *p, const void *first, const void *second,
                          void *output) {
  struct tb_position at = tb_walk_start();
  int32_t to = 0;
  for (int32_t row = 0; row < p->walk.rows; row++) {
    for (int32_t i = 0; i < p->walk.columns; i++) {
      const int32_t x = tb_code_load(first, p->kind, at.first + i * p->walk.first_step);
      const int32_t y = tb_code_load(second, p->kind, at.second + i * p->walk.second_step);
      tb_code_store(output, p->kind, to++, (x > y) == p->maximum ? x : y);
    }
    tb_walk_next(&p->walk, &at);
  }
}

#endif
