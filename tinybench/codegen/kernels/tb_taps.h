/* A sliding window over an image, and its taps that are inside the image.
 *
 * TFLM's float and int16 kernels leave the others out of sums. */
#ifndef TB_TAPS_H
#define TB_TAPS_H

#include "tb_types.h"

/* The members of struct tb_window, without the functions that copy int8 windows. */
struct tb_geometry {
  int32_t batches, in_h, in_w, channels, out_h, out_w;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int32_t pad_h, pad_w; /* rows above and columns to the left of the image */
};

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

static inline struct tb_taps tb_tap_rows(const struct tb_geometry *w, int32_t top) {
  return tb_taps(top, w->in_h, w->kernel_h, w->dilation_h);
}

static inline struct tb_taps tb_tap_columns(const struct tb_geometry *w, int32_t left) {
  return tb_taps(left, w->in_w, w->kernel_w, w->dilation_w);
}

#endif
