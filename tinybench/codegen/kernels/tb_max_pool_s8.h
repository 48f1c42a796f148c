/* output[n][y][x][c] = clamp(maximum of input[..][c] over the window), on raw codes. */
#ifndef TB_MAX_POOL_S8_H
#define TB_MAX_POOL_S8_H

#include "tb_pool_part.h"

struct tb_max_pool_s8 {
  struct tb_window window;
  int32_t low, high; /* the activation's range, in codes */
};

TB_KERNEL void tb_max_pool_s8(const struct tb_max_pool_s8 *p, const int8_t *input, int8_t *output) {
  const struct tb_window *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t i = 0; i < w->out_h * w->out_w; i++) {
      const struct tb_pool_part part =
          tb_pool_part(w, input, i / w->out_w * w->stride_h - w->pad_h,
                       i % w->out_w * w->stride_w - w->pad_w);
      for (int32_t c = 0; c < w->channels; c++) {
        const int8_t *x = part.first + c;
        int32_t most = -128;
        for (int32_t row = 0; row < part.rows; row++) {
          for (int32_t column = 0; column < part.columns; column++, x += w->channels) {
            most = *x > most ? *x : most;
          }
          x += (w->in_w - part.columns) * w->channels;
        }
        *output++ = (int8_t)tb_clamp(most, p->low, p->high);
      }
    }
  }
}

#endif
