/* output[n][y][x][c] = clamp(maximum of input[..][c] over the window), on raw codes.
 *
 * With the DSP extension four channels at a time: SSUB8 compares their codes, SEL takes the
 * larger ones. */
#ifndef TB_MAX_POOL_S8_H
#define TB_MAX_POOL_S8_H

#include "tb_pool_part.h"

struct tb_max_pool_s8 {
  struct tb_window window;
  int32_t low, high; /* the activation's range, in codes */
};

#if defined(__ARM_FEATURE_DSP)
static inline uint32_t tb_larger_4(uint32_t a, uint32_t b) {
  uint32_t t;
  __asm__("ssub8 %1, %2, %3\n\tsel %0, %2, %3" : "=r"(a), "=&r"(t) : "r"(a), "r"(b));
  return a;
}

static inline uint32_t tb_smaller_4(uint32_t a, uint32_t b) {
  uint32_t t;
  __asm__("ssub8 %1, %2, %3\n\tsel %0, %3, %2" : "=r"(a), "=&r"(t) : "r"(a), "r"(b));
  return a;
}
#endif

static inline int8_t *tb_max_pool_pixel(const struct tb_max_pool_s8 *p,
                                        const struct tb_pool_part *part, int8_t *output) {
  const int32_t channels = p->window.channels;
  const int32_t next_row = (p->window.in_w - part->columns) * channels;
  int32_t c = 0;
#if defined(__ARM_FEATURE_DSP)
  const uint32_t low = (uint8_t)p->low * 0x01010101u, high = (uint8_t)p->high * 0x01010101u;
  for (; c + 4 <= channels; c += 4) {
    const int8_t *x = part->first + c;
    uint32_t most = low;
    TB_ROLLED
    for (int32_t row = part->rows; row > 0; row--, x += next_row) {
      TB_ROLLED
      for (int32_t column = part->columns; column > 0; column--, x += channels) {
        most = tb_larger_4(most, *(const tb_any_word *)(const void *)x);
      }
    }
    *(tb_any_word *)(void *)(output + c) = tb_smaller_4(most, high);
  }
#endif
  for (; c < channels; c++) {
    const int8_t *x = part->first + c;
    int32_t most = p->low;
    TB_ROLLED
    for (int32_t row = part->rows; row > 0; row--, x += next_row) {
      TB_ROLLED
      for (int32_t column = part->columns; column > 0; column--, x += channels) {
        most = *x > most ? *x : most;
      }
    }
    output[c] = (int8_t)(most < p->high ? most : p->high);
  }
  return output + channels;
}

TB_KERNEL void tb_max_pool_s8(const struct tb_max_pool_s8 *p, const int8_t *input, int8_t *output) {
  const struct tb_window *const w = &p->window;
  for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {
    for (int32_t y = 0; y < w->out_h; y++) {
      for (int32_t x = 0; x < w->out_w; x++) {
        const struct tb_pool_part part =
            tb_pool_part(w, input, y * w->stride_h - w->pad_h, x * w->stride_w - w->pad_w);
        output = tb_max_pool_pixel(p, &part, output);
      }
    }
  }
}

#endif
