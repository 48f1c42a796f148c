/* Transforms of int16, fractions of 15 bits. */
#ifndef TB_FFT_S16_H
#define TB_FFT_S16_H

#include "tb_fft.h"

#define TB_FFT(name) name##_s16
#define TB_FFT_NUMBER tb_i16
#define TB_FFT_FACTOR int16_t

/* Numbers in registers, of which memory keeps the lower half. */
struct tb_fft_point_s16 {
  int32_t real, imaginary;
};

static inline struct tb_fft_point_s16 tb_fft_made_s16(int32_t real, int32_t imaginary) {
  const struct tb_fft_point_s16 made = {real, imaginary};
  return made;
}

static inline struct tb_fft_point_s16 tb_fft_loaded_s16(const tb_i16 *from) {
  return tb_fft_made_s16(from[0], from[1]);
}

static inline void tb_fft_store_s16(tb_i16 *to, struct tb_fft_point_s16 x) {
  to[0] = tb_low_half(x.real);
  to[1] = tb_low_half(x.imaginary);
}

static inline struct tb_fft_point_s16 tb_fft_sum_s16(struct tb_fft_point_s16 a,
                                                     struct tb_fft_point_s16 b) {
  return tb_fft_made_s16(a.real + b.real, a.imaginary + b.imaginary);
}

static inline struct tb_fft_point_s16 tb_fft_difference_s16(struct tb_fft_point_s16 a,
                                                            struct tb_fft_point_s16 b) {
  return tb_fft_made_s16(a.real - b.real, a.imaginary - b.imaginary);
}

static inline struct tb_fft_point_s16 tb_fft_times_s16(struct tb_fft_point_s16 x, int16_t by) {
  return tb_fft_made_s16((tb_low_half(x.real) * by + 16384) >> 15,
                         (tb_low_half(x.imaginary) * by + 16384) >> 15);
}

static inline struct tb_fft_point_s16 tb_fft_scaled_s16(struct tb_fft_point_s16 x, int32_t radix) {
  return tb_fft_times_s16(x, (int16_t)(32767 / radix));
}

static inline struct tb_fft_point_s16 tb_fft_turned_s16(struct tb_fft_point_s16 x,
                                                        const int16_t *by) {
  return tb_fft_made_s16(
      tb_low_half((x.real * by[0] - x.imaginary * by[1] + 16384) >> 15),
      tb_low_half((x.real * by[1] + x.imaginary * by[0] + 16384) >> 15));
}

static inline struct tb_fft_point_s16 tb_fft_conjugate_s16(struct tb_fft_point_s16 x) {
  return tb_fft_made_s16(x.real, -x.imaginary);
}

static inline struct tb_fft_point_s16 tb_fft_half_s16(struct tb_fft_point_s16 x) {
  return tb_fft_made_s16(tb_low_half(x.real) >> 1, tb_low_half(x.imaginary) >> 1);
}

static inline struct tb_fft_point_s16 tb_fft_half_sum_s16(struct tb_fft_point_s16 a,
                                                          struct tb_fft_point_s16 b) {
  return tb_fft_made_s16((a.real + b.real) >> 1, (a.imaginary + b.imaginary) >> 1);
}

static inline struct tb_fft_point_s16 tb_fft_half_conjugate_s16(struct tb_fft_point_s16 a,
                                                                struct tb_fft_point_s16 b) {
  return tb_fft_made_s16((a.real - b.real) >> 1, (b.imaginary - a.imaginary) >> 1);
}

#include "tb_fft_passes.h"

#undef TB_FFT
#undef TB_FFT_NUMBER
#undef TB_FFT_FACTOR

#endif
