/* What transforms of all types of numbers share: their passes, and the order of their input. */
#ifndef TB_FFT_H
#define TB_FFT_H

#include "tb_signal.h"

struct tb_fft {
  const uint8_t *radices; /* 2 to 5 each, the first pass has the last */
  const int32_t *strides; /* the product of the radices before */
  int32_t passes, points;
};

#define TB_FFT_PASSES 16

/* Counts the points: the first pass takes its input in the order of reversed digits. */
struct tb_fft_order {
  int32_t from;
  uint8_t digits[TB_FFT_PASSES];
};

static inline struct tb_fft_order tb_fft_start(void) {
  struct tb_fft_order order;
  memset(&order, 0, sizeof order);
  return order;
}

static inline void tb_fft_next(const struct tb_fft *p, struct tb_fft_order *order) {
  for (int32_t i = p->passes - 1; i >= 0; i--) {
    order->from += p->strides[i];
    if (++order->digits[i] < p->radices[i]) {
      return;
    }
    order->from -= p->strides[i] * p->radices[i];
    order->digits[i] = 0;
  }
}

/* The body of a kernel; `transform` is the call for a row. */
#define TB_FFT_ROWS(transform)                   \
  for (int32_t row = 0; row < p->rows; row++) {  \
    transform;                                   \
    input += p->input_step;                      \
    output += p->output_step;                    \
  }

#endif
