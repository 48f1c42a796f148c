/* output = (a - b)^2, with broadcasting */
#ifndef TB_SQUARED_DIFFERENCE_F32_H
#define TB_SQUARED_DIFFERENCE_F32_H

#include "tb_binary.h"

struct tb_squared_difference_f32 {
  struct tb_walk walk;
};

TB_BINARY(tb_squared_difference_f32, tb_f32, tb_f32, (*x - *y) * (*x - *y))

#endif
