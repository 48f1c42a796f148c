/* The taps of a sliding window whose elements are inside the image, along one axis.
 *
 * TFLM's kernels leave the others out of sums. */
#ifndef TB_TAPS_H
#define TB_TAPS_H

#include "tb_window.h"

struct tb_taps {
  int32_t start, end;
};

/* `origin` is where the first tap would be. It divides only where the padding is reached. */
static inline struct tb_taps tb_taps(int32_t origin, int32_t size, int32_t taps,
                                     int32_t dilation) {
  struct tb_taps span = {0, taps};
  if (origin < 0) {
    span.start = (-origin + dilation - 1) / dilation;
  }
  const int32_t room = size - origin;
  if ((taps - 1) * dilation >= room) {
    span.end = room > 0 ? (room + dilation - 1) / dilation : 0;
  }
  return span;
}

static inline struct tb_taps tb_tap_rows(const struct tb_window *w, int32_t top) {
  return tb_taps(top, w->in_h, w->kernel_h, w->dilation_h);
}

static inline struct tb_taps tb_tap_columns(const struct tb_window *w, int32_t left) {
  return tb_taps(left, w->in_w, w->kernel_w, w->dilation_w);
}

#endif
