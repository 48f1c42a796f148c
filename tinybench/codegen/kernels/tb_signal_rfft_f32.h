/* Transforms of real numbers, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_RFFT_F32_H
#define TB_SIGNAL_RFFT_F32_H

#include "tb_fft_f32.h"

struct tb_signal_rfft_f32 {
  const float *twiddles, *halves;
  struct tb_fft fft;
  int32_t rows;
  int32_t input_step, output_step; /* numbers of a row */
};

TB_KERNEL void tb_signal_rfft_f32(const struct tb_signal_rfft_f32 *p, const tb_f32 *input,
                                  tb_f32 *output) {
  TB_FFT_ROWS(
      tb_fft_forward_f32(&p->fft, p->twiddles, p->halves, input, p->input_step, output))
}

#endif
