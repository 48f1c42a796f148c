/* output = |input| */
#ifndef TB_ABS_F32_H
#define TB_ABS_F32_H

#include "tb_unary_f32.h"

struct tb_abs_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_abs_f32, value > 0 ? value : 0 - value /* +0 for -0 */)

#endif
