/* Transforms of float. */
#ifndef TB_FFT_F32_H
#define TB_FFT_F32_H

#include "tb_fft.h"

#define TB_FFT(name) name##_f32
#define TB_FFT_NUMBER tb_f32
#define TB_FFT_FACTOR float

struct tb_fft_point_f32 {
  float real, imaginary;
};

static inline struct tb_fft_point_f32 tb_fft_made_f32(float real, float imaginary) {
  const struct tb_fft_point_f32 made = {real, imaginary};
  return made;
}

static inline struct tb_fft_point_f32 tb_fft_loaded_f32(const tb_f32 *from) {
  return tb_fft_made_f32(from[0], from[1]);
}

static inline void tb_fft_store_f32(tb_f32 *to, struct tb_fft_point_f32 x) {
  to[0] = x.real;
  to[1] = x.imaginary;
}

static inline struct tb_fft_point_f32 tb_fft_sum_f32(struct tb_fft_point_f32 a,
                                                     struct tb_fft_point_f32 b) {
  return tb_fft_made_f32(a.real + b.real, a.imaginary + b.imaginary);
}

static inline struct tb_fft_point_f32 tb_fft_difference_f32(struct tb_fft_point_f32 a,
                                                            struct tb_fft_point_f32 b) {
  return tb_fft_made_f32(a.real - b.real, a.imaginary - b.imaginary);
}

static inline struct tb_fft_point_f32 tb_fft_times_f32(struct tb_fft_point_f32 x, float by) {
  return tb_fft_made_f32(x.real * by, x.imaginary * by);
}

static inline struct tb_fft_point_f32 tb_fft_scaled_f32(struct tb_fft_point_f32 x, int32_t radix) {
  (void)radix; /* real numbers have room */
  return x;
}

static inline struct tb_fft_point_f32 tb_fft_turned_f32(struct tb_fft_point_f32 x,
                                                        const float *by) {
  return tb_fft_made_f32(x.real * by[0] - x.imaginary * by[1],
                         x.real * by[1] + x.imaginary * by[0]);
}

static inline struct tb_fft_point_f32 tb_fft_conjugate_f32(struct tb_fft_point_f32 x) {
  return tb_fft_made_f32(x.real, -x.imaginary);
}

static inline struct tb_fft_point_f32 tb_fft_half_f32(struct tb_fft_point_f32 x) {
  return tb_fft_times_f32(x, 0.5f);
}

static inline struct tb_fft_point_f32 tb_fft_half_sum_f32(struct tb_fft_point_f32 a,
                                                          struct tb_fft_point_f32 b) {
  return tb_fft_half_f32(tb_fft_sum_f32(a, b));
}

static inline struct tb_fft_point_f32 tb_fft_half_conjugate_f32(struct tb_fft_point_f32 a,
                                                                struct tb_fft_point_f32 b) {
  return tb_fft_made_f32((a.real - b.real) * 0.5f, (b.imaginary - a.imaginary) * 0.5f);
}

#include "tb_fft_passes.h"

#undef TB_FFT
#undef TB_FFT_NUMBER
#undef TB_FFT_FACTOR

#endif
