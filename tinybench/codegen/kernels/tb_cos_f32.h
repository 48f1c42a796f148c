/* output = cosine of the input; see tb_angle_f32.h */
#ifndef TB_COS_F32_H
#define TB_COS_F32_H

#include "tb_angle_f32.h"
#include "tb_unary_f32.h"

struct tb_cos_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_cos_f32, tb_sine_f32(value, 1))

#endif
