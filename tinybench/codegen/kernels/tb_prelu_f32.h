/* output = a >= 0 ? a : a * b, with broadcasting */
#ifndef TB_PRELU_F32_H
#define TB_PRELU_F32_H

#include "tb_binary.h"

struct tb_prelu_f32 {
  struct tb_walk walk;
};

TB_BINARY(tb_prelu_f32, tb_f32, tb_f32, *x >= 0 ? *x : *x * *y)

#endif
