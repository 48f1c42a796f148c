/* output = the larger or the smaller of two 64-bit numbers, with broadcasting */
#ifndef TB_EXTREME_S64_H
#define TB_EXTREME_S64_H

#include "tb_binary.h"

struct tb_extreme_s64 {
  struct tb_walk walk;
  int32_t maximum; /* 1 for the larger, 0 for the smaller */
};

TB_BINARY(tb_extreme_s64, tb_i64, tb_i64, (*x > *y) == p->maximum ? *x : *y)

#endif
