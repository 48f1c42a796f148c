/* Real numbers that have these transforms, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_IRFFT_S32_H
#define TB_SIGNAL_IRFFT_S32_H

#include "tb_fft_s32.h"

TB_FFT_KERNEL(tb_signal_irfft_s32, tb_i32, int32_t,
              tb_fft_inverse_s32(&p->fft, p->twiddles, p->halves, input, output))

#endif
