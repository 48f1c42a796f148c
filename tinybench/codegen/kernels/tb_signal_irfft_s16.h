/* Real numbers that have these transforms, row by row: see tb_fft_passes.h. */
#ifndef TB_SIGNAL_IRFFT_S16_H
#define TB_SIGNAL_IRFFT_S16_H

#include "tb_fft_s16.h"

TB_FFT_KERNEL(tb_signal_irfft_s16, tb_i16, int16_t,
              tb_fft_inverse_s16(&p->fft, p->twiddles, p->halves, input, output))

#endif
