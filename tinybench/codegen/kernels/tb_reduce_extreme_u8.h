/* output = the largest or the smallest truth value among the elements of each output */
#ifndef TB_REDUCE_EXTREME_U8_H
#define TB_REDUCE_EXTREME_U8_H

#include "tb_reduce_extreme.h"

struct tb_reduce_extreme_u8 {
  struct tb_walk outputs, elements; /* only the first offset of each is used */
  int32_t maximum;                  /* 1 for the largest, 0 for the smallest */
};

TB_REDUCE_EXTREME(tb_reduce_extreme_u8, uint8_t, 0, UINT8_MAX)

#endif
