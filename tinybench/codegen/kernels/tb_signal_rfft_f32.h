/* Transforms of real numbers, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_RFFT_F32_H
#define TB_SIGNAL_RFFT_F32_H

#include "tb_fft_f32.h"

TB_FFT_KERNEL(tb_signal_rfft_f32, tb_f32, float,
              tb_fft_forward_f32(&p->fft, p->twiddles, p->halves, input, p->input_step, output))

#endif
