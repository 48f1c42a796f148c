/* output = natural logarithm of the input; see tb_logarithm_f32.h */
#ifndef TB_LOG_F32_H
#define TB_LOG_F32_H

#include "tb_logarithm_f32.h"
#include "tb_unary_f32.h"

struct tb_log_f32 {
  int32_t elements;
};

TB_UNARY_F32(tb_log_f32, tb_logarithm_f32(value))

#endif
