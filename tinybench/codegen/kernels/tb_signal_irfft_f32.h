/* Real numbers that have these transforms, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_IRFFT_F32_H
#define TB_SIGNAL_IRFFT_F32_H

#include "tb_fft_f32.h"

/* The transform back gives sums. */
static inline void tb_fft_mean_f32(const struct tb_fft *p, const float *twiddles,
                                   const float *halves, const tb_f32 *input, tb_f32 *output) {
  tb_fft_inverse_f32(p, twiddles, halves, input, output);
  const int32_t size = 2 * p->points;
  for (int32_t i = 0; i < size; i++) {
    output[i] = output[i] / (float)size;
  }
}

struct tb_signal_irfft_f32 {
  const float *twiddles, *halves;
  struct tb_fft fft;
  int32_t rows;
  int32_t input_step, output_step; /* numbers of a row */
};

TB_KERNEL void tb_signal_irfft_f32(const struct tb_signal_irfft_f32 *p, const tb_f32 *input,
                                   tb_f32 *output) {
  TB_FFT_ROWS(
      tb_fft_mean_f32(&p->fft, p->twiddles, p->halves, input, output))
}

#endif
