/* output = whether two 64-bit numbers stand in a relation, with broadcasting */
#ifndef TB_COMPARE_S64_H
#define TB_COMPARE_S64_H

#include "tb_compare.h"

struct tb_compare_s64 {
  struct tb_walk walk;
  int32_t relation;
};

TB_BINARY(tb_compare_s64, tb_i64, uint8_t, TB_ORDER_HOLDS(p->relation, *x, *y))

#endif
