/* output = whether two float32 numbers stand in a relation, with broadcasting */
#ifndef TB_COMPARE_F32_H
#define TB_COMPARE_F32_H

#include "tb_compare.h"

struct tb_compare_f32 {
  struct tb_walk walk;
  int32_t relation;
};

TB_BINARY(tb_compare_f32, tb_f32, uint8_t, TB_ORDER_HOLDS(p->relation, *x, *y))

#endif
