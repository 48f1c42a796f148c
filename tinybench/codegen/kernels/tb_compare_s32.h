/* output = whether two 32-bit numbers stand in a relation, with broadcasting */
#ifndef TB_COMPARE_S32_H
#define TB_COMPARE_S32_H

#include "tb_compare.h"

struct tb_compare_s32 {
  struct tb_walk walk;
  int32_t relation;
};

TB_BINARY(tb_compare_s32, tb_i32, uint8_t, TB_ORDER_HOLDS(p->relation, *x, *y))

#endif
