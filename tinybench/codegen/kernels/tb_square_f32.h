/* output = input^2 */
#ifndef TB_SQUARE_F32_H
#define TB_SQUARE_F32_H

#include "tb_unary_f32.h"

struct tb_square_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_square_f32, value * value)

#endif
