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
static inline int8_t *tb_copy_run(int8_t *to, const int8_t *from, int32_t bytes) {
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

static inline int8_t *tb_fill_run(int8_t *to, int8_t value, int32_t bytes) {
  if (bytes) {
    memset(to, value, (size_t)bytes);
  }
  return to + bytes;
}

static inline int32_t tb_within(int32_t value, int32_t most) { return tb_clamp(value, 0, most); }

/* Copy the window at row y and column x, which may lie outside, to `patch`, row by row; what is
 * outside of the image reads as `pad`. */
TB_KERNEL void tb_copy_window(const struct tb_window *w, const int8_t *image, int32_t y, int32_t x,
                              int8_t pad, int8_t *patch) {
  const int32_t channels = w->channels, taps = w->kernel_w;
  /* Without dilation a row is at most three runs: left of the image, in it, and right of it. */
  const int32_t left = tb_within(-x, taps), end = tb_within(w->in_w - x, taps);
  for (int32_t i = 0; i < w->kernel_h; i++, y += w->dilation_h) {
    const int8_t *const row = image + y * w->in_w * channels;
    if (y < 0 || y >= w->in_h) {
      patch = tb_fill_run(patch, pad, taps * channels);
    } else if (w->dilation_w == 1) {
      patch = tb_fill_run(patch, pad, left * channels);
      patch = tb_copy_run(patch, row + (x + left) * channels, (end - left) * channels);
      patch = tb_fill_run(patch, pad, (taps - end) * channels);
    } else {
      for (int32_t j = 0, at = x; j < taps; j++, at += w->dilation_w) {
        patch = at < 0 || at >= w->in_w ? tb_fill_run(patch, pad, channels)
                                        : tb_copy_run(patch, row + at * channels, channels);
      }
    }
  }
}

#endif
