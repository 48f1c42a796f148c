/* output = the whole number next to the input, of two the even one */
#ifndef TB_ROUND_F32_H
#define TB_ROUND_F32_H

#include "tb_whole_f32.h"
#include "tb_unary_f32.h"

struct tb_round_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_round_f32, tb_whole_next_f32(value))

#endif
