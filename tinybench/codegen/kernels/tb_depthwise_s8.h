/* output[n][y][x][c] = requantize(bias[c] + sum over a window of input[..][c] * weight[..][c])
 *
 * Four channels at a time. A window that lies inside the image is read where it stands; at the
 * border a copy with the zero point around the image takes its place. */
#ifndef TB_DEPTHWISE_S8_H
#define TB_DEPTHWISE_S8_H

#include "tb_requantize.h"
#include "tb_window.h"

struct tb_depthwise_s8 {
  const int8_t *weights; /* blocks of 4 channels, in each the taps of the window, 4 weights a tap */
  const int32_t *bias;   /* filled up to a multiple of 4 */
  struct tb_requantize requantize;
  struct tb_window window;
  int32_t pad; /* the input's zero point */
};

#if defined(__ARM_FEATURE_DSP)
/* One tap of four channels, its inputs at `address`, its weights in `weight`: both words are
 * widened, and each channel has its half of a pair. */
#define TB_DEPTHWISE_TAP(address, weight)        \
  "ldr %[a], " address "\n"                      \
  "sxtb16 %[c], %[a]\n"                          \
  "sxtb16 %[d], " weight "\n"                    \
  "smlabb %[s0], %[c], %[d], %[s0]\n"            \
  "smlatt %[s2], %[c], %[d], %[s2]\n"            \
  "sxtb16 %[a], %[a], ror #8\n"                  \
  "sxtb16 " weight ", " weight ", ror #8\n"      \
  "smlabb %[s1], %[a], " weight ", %[s1]\n"      \
  "smlatt %[s3], %[a], " weight ", %[s3]\n"

#define TB_DEPTHWISE_NEXT "ldr %[b], [%[w]], #4\n"
#define TB_DEPTHWISE_NEXT_2 "ldrd %[b], %[e], [%[w]], #8\n"
#define TB_DEPTHWISE_DOWN "add %[x], %[x], %[row]\n"
#define TB_DEPTHWISE_LEFT(weight) TB_DEPTHWISE_TAP("[%[x]]", weight)
#define TB_DEPTHWISE_MIDDLE(weight) TB_DEPTHWISE_TAP("[%[x], %[step]]", weight)
#define TB_DEPTHWISE_RIGHT(weight) TB_DEPTHWISE_TAP("[%[x], %[step], lsl #1]", weight)
#endif

/* Add a window of `rows` x `taps` taps to `sum`: a row begins `row` bytes after the one before, a
 * tap `step` bytes. Return the weights of the next block. */
static inline const int8_t *tb_depthwise_window(const int8_t *x, const int8_t *weights,
                                                int32_t rows, int32_t row, int32_t taps,
                                                int32_t step, int32_t sum[4]) {
  int32_t s0 = sum[0], s1 = sum[1], s2 = sum[2], s3 = sum[3];
#if defined(__ARM_FEATURE_DSP)
  uint32_t a, b, c, d, e;
#define TB_DEPTHWISE_OPERANDS                                                                   \
  [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [x] "+r"(x), [w] "+r"(weights), \
      [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
  if (rows == 3 && taps == 3) {
    __asm__ volatile(
        TB_DEPTHWISE_NEXT_2 TB_DEPTHWISE_LEFT("%[b]") TB_DEPTHWISE_MIDDLE("%[e]")
        TB_DEPTHWISE_NEXT_2 TB_DEPTHWISE_RIGHT("%[b]")
        TB_DEPTHWISE_DOWN TB_DEPTHWISE_LEFT("%[e]")
        TB_DEPTHWISE_NEXT_2 TB_DEPTHWISE_MIDDLE("%[b]") TB_DEPTHWISE_RIGHT("%[e]")
        TB_DEPTHWISE_DOWN
        TB_DEPTHWISE_NEXT_2 TB_DEPTHWISE_LEFT("%[b]") TB_DEPTHWISE_MIDDLE("%[e]")
        TB_DEPTHWISE_NEXT TB_DEPTHWISE_RIGHT("%[b]")
        : TB_DEPTHWISE_OPERANDS, [e] "=&r"(e)
        : [step] "r"(step), [row] "r"(row)
        : "memory");
  } else {
    for (; rows; rows--, x += row - taps * step) {
      for (int32_t i = 0; i < taps; i++) {
        __asm__ volatile(TB_DEPTHWISE_NEXT TB_DEPTHWISE_LEFT("%[b]")
                         : TB_DEPTHWISE_OPERANDS
                         :
                         : "memory");
        x += step;
      }
    }
  }
#undef TB_DEPTHWISE_OPERANDS
#else
  for (; rows; rows--, x += row - taps * step) {
    for (int32_t i = 0; i < taps; i++, weights += 4, x += step) {
      s0 += x[0] * weights[0];
      s1 += x[1] * weights[1];
      s2 += x[2] * weights[2];
      s3 += x[3] * weights[3];
    }
  }
#endif
  sum[0] = s0;
  sum[1] = s1;
  sum[2] = s2;
  sum[3] = s3;
  return weights;
}

/* `scratch` has room for a window, and 3 bytes that are read but not used. */
TB_KERNEL void tb_depthwise_s8(const struct tb_depthwise_s8 *p, const int8_t *input, int8_t *output,
                               int8_t *scratch) {
  const struct tb_requantize requantize = p->requantize;
  const struct tb_window *const w = &p->window;
  const int32_t image_row = w->in_w * w->channels;
  const int32_t last_y = w->in_h - 1 - (w->kernel_h - 1) * w->dilation_h;
  const int32_t last_x = w->in_w - 1 - (w->kernel_w - 1) * w->dilation_w;
  int32_t y = -w->pad_h, x = -w->pad_w;
  for (int32_t i = w->batches * w->out_h * w->out_w, column = 0, line = 0; i; i--) {
    const int8_t *at = scratch;
    int32_t row = w->kernel_w * w->channels, step = w->channels;
    if (y >= 0 && x >= 0 && y <= last_y && x <= last_x) {
      at = input + y * image_row + x * w->channels;
      row = image_row * w->dilation_h;
      step *= w->dilation_w;
    } else {
      tb_copy_window(w, input, y, x, (int8_t)p->pad, scratch);
    }
    const int8_t *weights = p->weights;
    const int32_t *bias = p->bias, *scales = requantize.scales;
    const int32_t rows = w->kernel_h, taps = w->kernel_w;
    for (int32_t channels = w->channels; channels > 0; channels -= 4) {
      int32_t sum[4] = {bias[0], bias[1], bias[2], bias[3]};
      weights = tb_depthwise_window(at, weights, rows, row, taps, step, sum);
      output = tb_requantize_block(sum, &requantize, scales, channels, output,
                                   TB_DEPTHWISE_S8_RANGE);
      at += 4;
      bias += 4;
      scales += 8;
    }
    x += w->stride_w;
    if (++column == w->out_w) {
      column = 0;
      x = -w->pad_w;
      y += w->stride_h;
      if (++line == w->out_h) {
        line = 0;
        y = -w->pad_h;
        input += w->in_h * image_row;
      }
    }
  }
}

#endif
