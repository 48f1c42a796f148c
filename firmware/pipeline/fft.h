/* The Fourier transform of 512 real numbers in 16 bits, with the roundings that fixed-point
   transforms have: decimation in time by radix 4 on 256 complex points, each pass scaled by a
   quarter first, products rounded to 15 bits, sums modulo 2^16. */
#ifndef TB_FFT_H
#define TB_FFT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TB_FFT_POINTS 256

/* Aligned, because some processors take a point at once. */
struct tb_fft_point {
  int16_t real, imaginary;
} __attribute__((aligned(4)));

/* Two numbers are a point, and point i stands where its four base-4 digits reversed say. Each is
   scaled up by `shift` bits, modulo 2^16, and transformed in place: points[k], 0 < k < 256, becomes
   the k-th bin divided by 512. The two ends of the spectrum are not computed. */
void tb_fft_real(struct tb_fft_point points[TB_FFT_POINTS], int shift);

#ifdef __cplusplus
}
#endif

#endif
