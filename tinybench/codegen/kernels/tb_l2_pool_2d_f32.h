/* output[n][y][x][c] = activation(the root of the mean square of the window) */
#ifndef TB_L2_POOL_2D_F32_H
#define TB_L2_POOL_2D_F32_H

#include "tb_activate_f32.h"
#include "tb_root_f32.h"
#include "tb_taps.h"

struct tb_l2_pool_2d_f32 {
  struct tb_geometry window;
  float low, high;
};

TB_KERNEL void tb_l2_pool_2d_f32(const struct tb_l2_pool_2d_f32 *p, const tb_f32 *input,
                                 tb_f32 *output) {
  const struct tb_geometry *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      const int32_t top = y * w->stride_h - w->pad_h;
      const struct tb_taps rows = tb_tap_rows(w, top);
      for (int32_t x = 0; x < w->out_w; x++) {
        const int32_t left = x * w->stride_w - w->pad_w;
        const struct tb_taps columns = tb_tap_columns(w, left);
        const int32_t taps = columns.end - columns.start;
        for (int32_t c = 0; c < w->channels; c++) {
          float sum = 0.0f;
          for (int32_t i = rows.start; i < rows.end; i++) {
            const int32_t first = (top + i) * w->in_w + left + columns.start;
            TB_ROLLED
            for (int32_t j = 0; j < taps; j++) {
              const float value = input[(first + j) * w->channels + c];
              sum += value * value;
            }
          }
          const int32_t count = (rows.end - rows.start) * taps;
          *output++ = tb_activate_f32(tb_root_f32(sum / (float)count), p->low, p->high);
        }
      }
    }
  }
}

#endif
