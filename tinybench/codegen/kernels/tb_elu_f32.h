/* output = input, below zero e^input - 1; see tb_expm1_f32.h */
#ifndef TB_ELU_F32_H
#define TB_ELU_F32_H

#include "tb_expm1_f32.h"
#include "tb_unary_f32.h"

struct tb_elu_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_elu_f32, value < 0 ? tb_expm1_f32(value) : value)

#endif
