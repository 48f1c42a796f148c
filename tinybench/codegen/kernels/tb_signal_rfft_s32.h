/* Transforms of real numbers, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_RFFT_S32_H
#define TB_SIGNAL_RFFT_S32_H

#include "tb_fft_s32.h"

TB_FFT_KERNEL(tb_signal_rfft_s32, tb_i32, int32_t,
              tb_fft_forward_s32(&p->fft, p->twiddles, p->halves, input, p->input_step, output))

#endif
