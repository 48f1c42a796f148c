/* output = the largest or the smallest code among the elements of each output */
#ifndef TB_REDUCE_EXTREME_S8_H
#define TB_REDUCE_EXTREME_S8_H

#include "tb_reduce_extreme.h"

struct tb_reduce_extreme_s8 {
  struct tb_walk outputs, elements; /* only the first offset of each is used */
  int32_t maximum;                  /* 1 for the largest, 0 for the smallest */
};

TB_REDUCE_EXTREME(tb_reduce_extreme_s8, int8_t, INT8_MIN, INT8_MAX)

#endif
