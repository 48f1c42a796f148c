/* The geometry of a sliding window over an image of batches x height x width x channels. */
#ifndef TB_WINDOW_H
#define TB_WINDOW_H

#include "tb_types.h"

struct tb_window {
  int32_t batches, in_h, in_w, channels, out_h, out_w;
  int32_t kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
  int32_t pad_h, pad_w; /* rows above and columns to the left of the image */
};

/* Copy a few bytes: where words may stand at any address, without a call. */
static inline int8_t *tb_copy(int8_t *to, const int8_t *from, int32_t bytes) {
#if defined(__ARM_FEATURE_UNALIGNED)
  TB_ROLLED
  for (; bytes >= 16; bytes -= 16, to += 16, from += 16) {
    tb_any_word *const words = (tb_any_word *)(void *)to;
    const tb_any_word *const source = (const tb_any_word *)(const void *)from;
    const uint32_t a = source[0], b = source[1], c = source[2], d = source[3];
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
  }
  TB_ROLLED
  for (; bytes >= 4; bytes -= 4, to += 4, from += 4) {
    *(tb_any_word *)(void *)to = *(const tb_any_word *)(const void *)from;
  }
  TB_ROLLED
  for (; bytes > 0; bytes--) {
    *to++ = *from++;
  }
  return to;
#else
  memcpy(to, from, (size_t)bytes);
  return to + bytes;
#endif
}

static inline int8_t *tb_fill(int8_t *to, int8_t value, int32_t bytes) {
  memset(to, value, (size_t)bytes);
  return to + bytes;
}

/* Copy the window at row y and column x, which may lie outside, to `patch`, row by row; what is
 * outside of the image reads as `pad`. */
TB_KERNEL void tb_copy_window(const struct tb_window *w, const int8_t *image, int32_t y,
                                  int32_t x, int8_t pad, int8_t *patch) {
  const int32_t channels = w->channels, row_bytes = channels * w->kernel_w;
  const int inside = w->dilation_w == 1 && x >= 0 && x + w->kernel_w <= w->in_w;
  for (int32_t i = 0; i < w->kernel_h; i++, y += w->dilation_h) {
    if (y < 0 || y >= w->in_h) {
      patch = tb_fill(patch, pad, row_bytes);
      continue;
    }
    const int8_t *const row = image + y * w->in_w * channels;
    if (inside) {
      patch = tb_copy(patch, row + x * channels, row_bytes);
      continue;
    }
    for (int32_t j = 0, at = x; j < w->kernel_w; j++, at += w->dilation_w) {
      if (at < 0 || at >= w->in_w) {
        patch = tb_fill(patch, pad, channels);
      } else {
        patch = tb_copy(patch, row + at * channels, channels);
      }
    }
  }
}

#endif
