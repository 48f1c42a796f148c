/* output = e^input; see tb_exponential_f32.h */
#ifndef TB_EXP_F32_H
#define TB_EXP_F32_H

#include "tb_exponential_f32.h"
#include "tb_unary_f32.h"

struct tb_exp_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_exp_f32, tb_exponential_f32(value))

#endif
