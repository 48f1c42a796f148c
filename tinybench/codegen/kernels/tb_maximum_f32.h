/* output = a > b ? a : b, with broadcasting */
#ifndef TB_MAXIMUM_F32_H
#define TB_MAXIMUM_F32_H

#include "tb_binary.h"

struct tb_maximum_f32 {
  struct tb_walk walk;
};

TB_BINARY(tb_maximum_f32, tb_f32, tb_f32, *x > *y ? *x : *y)

#endif
