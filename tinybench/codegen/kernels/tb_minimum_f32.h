/* output = a < b ? a : b, with broadcasting */
#ifndef TB_MINIMUM_F32_H
#define TB_MINIMUM_F32_H

#include "tb_binary_f32.h"

struct tb_minimum_f32 {
  struct tb_walk walk;
};

TB_BINARY_F32(tb_minimum_f32, *x < *y ? *x : *y)

#endif
