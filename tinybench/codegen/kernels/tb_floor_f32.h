/* output = the largest whole number that is not above the input */
#ifndef TB_FLOOR_F32_H
#define TB_FLOOR_F32_H

#include "tb_whole_f32.h"
#include "tb_unary_f32.h"

struct tb_floor_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_floor_f32, tb_whole_below_f32(value))

#endif
