/* output = activation(a - b), with broadcasting */
#ifndef TB_SUB_F32_H
#define TB_SUB_F32_H

#include "tb_activate_f32.h"
#include "tb_binary.h"

struct tb_sub_f32 {
  struct tb_walk walk;
  float low, high;
};

TB_BINARY(tb_sub_f32, tb_f32, tb_f32, tb_activate_f32(*x - *y, p->low, p->high))

#endif
