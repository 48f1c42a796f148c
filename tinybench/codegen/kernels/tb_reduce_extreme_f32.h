/* output = the largest or the smallest number among the elements of each output */
#ifndef TB_REDUCE_EXTREME_F32_H
#define TB_REDUCE_EXTREME_F32_H

#include "tb_reduce_extreme.h"

struct tb_reduce_extreme_f32 {
  struct tb_walk outputs, elements; /* only the first offset of each is used */
  int32_t maximum;                  /* 1 for the largest, 0 for the smallest */
};

TB_REDUCE_EXTREME(tb_reduce_extreme_f32, tb_f32, -3.40282347e+38f, 3.40282347e+38f)

#endif
