/* output = square root of the input; see tb_root_f32.h */
#ifndef TB_SQRT_F32_H
#define TB_SQRT_F32_H

#include "tb_root_f32.h"
#include "tb_unary_f32.h"

struct tb_sqrt_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_sqrt_f32, tb_root_f32(value))

#endif
