/* output = a < b ? a : b, with broadcasting */
#ifndef TB_MINIMUM_F32_H
#define TB_MINIMUM_F32_H

#include "tb_binary.h"

struct tb_minimum_f32 {
  struct tb_walk walk;
};

TB_BINARY(tb_minimum_f32, tb_f32, tb_f32, *x < *y ? *x : *y)

#endif
