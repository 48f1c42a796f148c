/* output = (a - b)^2 of int16 codes, with broadcasting */
#ifndef TB_SQUARED_DIFFERENCE_S16_H
#define TB_SQUARED_DIFFERENCE_S16_H

#include "tb_squared_difference.h"

struct tb_squared_difference_s16 {
  struct tb_walk walk;
  struct tb_squares squares;
};

TB_BINARY(tb_squared_difference_s16, tb_i16, tb_i16,
          (int16_t)tb_squared_difference(&p->squares, *x, *y))

#endif
