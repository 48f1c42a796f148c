/* output = (a - b)^2 of int8 codes, with broadcasting */
#ifndef TB_SQUARED_DIFFERENCE_S8_H
#define TB_SQUARED_DIFFERENCE_S8_H

#include "tb_squared_difference.h"

struct tb_squared_difference_s8 {
  struct tb_walk walk;
  struct tb_squares squares;
};

TB_BINARY(tb_squared_difference_s8, int8_t, int8_t,
          (int8_t)tb_squared_difference(&p->squares, *x, *y))

#endif
