/* Real numbers that have these transforms, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_IRFFT_S16_H
#define TB_SIGNAL_IRFFT_S16_H

#include "tb_fft_s16.h"

struct tb_signal_irfft_s16 {
  const int16_t *twiddles, *halves;
  struct tb_fft fft;
  int32_t rows;
  int32_t input_step, output_step; /* numbers of a row */
};

TB_KERNEL void tb_signal_irfft_s16(const struct tb_signal_irfft_s16 *p, const tb_i16 *input,
                                   tb_i16 *output) {
  TB_FFT_ROWS(
      tb_fft_inverse_s16(&p->fft, p->twiddles, p->halves, input, output))
}

#endif
