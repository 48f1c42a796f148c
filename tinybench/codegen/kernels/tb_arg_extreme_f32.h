/* output = the index of the largest or the smallest number along an axis, the first of equals */
#ifndef TB_ARG_EXTREME_F32_H
#define TB_ARG_EXTREME_F32_H

#include "tb_arg_extreme.h"

struct tb_arg_extreme_f32 {
  struct tb_walk outputs, elements; /* `elements` is one row: the axis */
  int32_t maximum;                  /* 1 for the largest, 0 for the smallest */
};

TB_ARG_EXTREME(tb_arg_extreme_f32, tb_f32)

#endif
