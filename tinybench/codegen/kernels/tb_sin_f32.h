/* output = sine of the input; see tb_angle_f32.h */
#ifndef TB_SIN_F32_H
#define TB_SIN_F32_H

#include "tb_angle_f32.h"
#include "tb_unary_f32.h"

struct tb_sin_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_sin_f32, tb_sine_f32(value, 0))

#endif
