/* Transforms of real numbers, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_RFFT_S32_H
#define TB_SIGNAL_RFFT_S32_H

#include "tb_fft_s32.h"

struct tb_signal_rfft_s32 {
  const int32_t *twiddles, *halves;
  struct tb_fft fft;
  int32_t rows;
  int32_t input_step, output_step; /* numbers of a row */
};

TB_KERNEL void tb_signal_rfft_s32(const struct tb_signal_rfft_s32 *p, const tb_i32 *input,
                                  tb_i32 *output) {
  TB_FFT_ROWS(
      tb_fft_forward_s32(&p->fft, p->twiddles, p->halves, input, p->input_step, output))
}

#endif
