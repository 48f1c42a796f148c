/* output[n][y][x][c] = activation(the largest element of the window)
 *
 * TFLM starts from the lowest finite float, and NaN is never larger. */
#ifndef TB_MAX_POOL_2D_F32_H
#define TB_MAX_POOL_2D_F32_H

#include "tb_activate_f32.h"
#include "tb_taps.h"

struct tb_max_pool_2d_f32 {
  struct tb_geometry window;
  float low, high;
};

TB_KERNEL void tb_max_pool_2d_f32(const struct tb_max_pool_2d_f32 *p, const tb_f32 *input,
                                  tb_f32 *output) {
  const struct tb_geometry *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      const int32_t top = y * w->stride_h - w->pad_h;
      const struct tb_taps rows = tb_tap_rows(w, top);
      for (int32_t x = 0; x < w->out_w; x++) {
        const int32_t left = x * w->stride_w - w->pad_w;
        const struct tb_taps columns = tb_tap_columns(w, left);
        const int32_t taps = columns.end - columns.start, row = w->in_w * w->channels;
        const tb_f32 *first =
            input + (top + rows.start) * row + (left + columns.start) * w->channels;
        for (int32_t c = 0; c < w->channels; c++, first++) {
          const tb_f32 *from = first;
          float value = -3.40282347e+38f;
          for (int32_t i = rows.start; i < rows.end; i++) {
            TB_ROLLED
            for (int32_t j = 0; j < taps; j++, from += w->channels) {
              const float other = *from;
              value = value < other ? other : value;
            }
            from += row - taps * w->channels;
          }
          *output++ = tb_activate_f32(value, p->low, p->high);
        }
      }
    }
  }
}

#endif
