/* output = the smallest whole number that is not below the input */
#ifndef TB_CEIL_F32_H
#define TB_CEIL_F32_H

#include "tb_whole_f32.h"
#include "tb_unary_f32.h"

struct tb_ceil_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_ceil_f32, -tb_whole_below_f32(-value))

#endif
