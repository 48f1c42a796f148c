/* output[n][y][x][c] = activation(sum over a window of input * weight + bias[c]) */
#ifndef TB_CONV_PLAIN_F32_H
#define TB_CONV_PLAIN_F32_H

#include "tb_activate_f32.h"
#include "tb_plain.h"

struct tb_conv_plain_f32 {
  struct tb_plain plain;
  const float *bias;
  float low, high;
};

TB_CONV_PLAIN(tb_conv_plain_f32, tb_f32, tb_f32, tb_f32, float, x[k] * by[k],
              tb_activate_f32(sum + p->bias[c], p->low, p->high))

#endif
