/* output = -input */
#ifndef TB_NEG_F32_H
#define TB_NEG_F32_H

#include "tb_unary_f32.h"

struct tb_neg_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_neg_f32, -value)

#endif
