/* output[n][y][x][c] = scale(bias[c] + sum over a window of input * (weight - zero)), in 64 bits */
#ifndef TB_CONV_PLAIN_S16_H
#define TB_CONV_PLAIN_S16_H

#include "tb_plain.h"
#include "tb_scale_s16.h"

struct tb_conv_plain_s16 {
  struct tb_plain plain;
  const int64_t *bias;
  struct tb_scale_s16 scale;
  int32_t weights_zero;
};

TB_CONV_PLAIN(tb_conv_plain_s16, tb_i16, int8_t, tb_i16, int64_t,
              x[k] * (by[k] - p->weights_zero), tb_scale_s16(p->bias[c] + sum, &p->scale, c))

#endif
