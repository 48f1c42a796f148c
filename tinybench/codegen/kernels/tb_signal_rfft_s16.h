/* Transforms of real numbers, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_RFFT_S16_H
#define TB_SIGNAL_RFFT_S16_H

#include "tb_fft_s16.h"

TB_FFT_KERNEL(tb_signal_rfft_s16, tb_i16, int16_t,
              tb_fft_forward_s16(&p->fft, p->twiddles, p->halves, input, p->input_step, output))

#endif
