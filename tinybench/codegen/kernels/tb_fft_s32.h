/* Transforms of int32, fractions of 31 bits. */
#ifndef TB_FFT_S32_H
#define TB_FFT_S32_H

#include "tb_fft.h"

#define TB_FFT(name) name##_s32
#define TB_FFT_NUMBER tb_i32
#define TB_FFT_FACTOR int32_t

struct tb_fft_point_s32 {
  int32_t real, imaginary;
};

static inline struct tb_fft_point_s32 tb_fft_made_s32(int32_t real, int32_t imaginary) {
  const struct tb_fft_point_s32 made = {real, imaginary};
  return made;
}

static inline struct tb_fft_point_s32 tb_fft_loaded_s32(const tb_i32 *from) {
  return tb_fft_made_s32(from[0], from[1]);
}

static inline void tb_fft_store_s32(tb_i32 *to, struct tb_fft_point_s32 x) {
  to[0] = x.real;
  to[1] = x.imaginary;
}

/* Sums wrap around. */
static inline int32_t tb_fft_plus_s32(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t tb_fft_minus_s32(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a - (uint32_t)b);
}

static inline struct tb_fft_point_s32 tb_fft_sum_s32(struct tb_fft_point_s32 a,
                                                     struct tb_fft_point_s32 b) {
  return tb_fft_made_s32(tb_fft_plus_s32(a.real, b.real),
                         tb_fft_plus_s32(a.imaginary, b.imaginary));
}

static inline struct tb_fft_point_s32 tb_fft_difference_s32(struct tb_fft_point_s32 a,
                                                            struct tb_fft_point_s32 b) {
  return tb_fft_made_s32(tb_fft_minus_s32(a.real, b.real),
                         tb_fft_minus_s32(a.imaginary, b.imaginary));
}

static inline int32_t tb_fft_rounded_s32(int64_t product) {
  return (int32_t)(uint32_t)((uint64_t)((product + ((int32_t)1 << 30)) >> 31) & 0xffffffffu);
}

static inline struct tb_fft_point_s32 tb_fft_times_s32(struct tb_fft_point_s32 x, int32_t by) {
  return tb_fft_made_s32(tb_fft_rounded_s32((int64_t)x.real * by),
                         tb_fft_rounded_s32((int64_t)x.imaginary * by));
}

static inline struct tb_fft_point_s32 tb_fft_scaled_s32(struct tb_fft_point_s32 x, int32_t radix) {
  return tb_fft_times_s32(x, 0x7fffffff / radix);
}

static inline struct tb_fft_point_s32 tb_fft_turned_s32(struct tb_fft_point_s32 x,
                                                        const int32_t *by) {
  return tb_fft_made_s32(
      tb_fft_rounded_s32((int64_t)x.real * by[0] - (int64_t)x.imaginary * by[1]),
      tb_fft_rounded_s32((int64_t)x.real * by[1] + (int64_t)x.imaginary * by[0]));
}

static inline struct tb_fft_point_s32 tb_fft_conjugate_s32(struct tb_fft_point_s32 x) {
  return tb_fft_made_s32(x.real, tb_fft_minus_s32(0, x.imaginary));
}

static inline struct tb_fft_point_s32 tb_fft_half_s32(struct tb_fft_point_s32 x) {
  return tb_fft_made_s32(x.real >> 1, x.imaginary >> 1);
}

static inline struct tb_fft_point_s32 tb_fft_half_sum_s32(struct tb_fft_point_s32 a,
                                                          struct tb_fft_point_s32 b) {
  return tb_fft_half_s32(tb_fft_sum_s32(a, b));
}

static inline struct tb_fft_point_s32 tb_fft_half_conjugate_s32(struct tb_fft_point_s32 a,
                                                                struct tb_fft_point_s32 b) {
  return tb_fft_made_s32(tb_fft_minus_s32(a.real, b.real) >> 1,
                         tb_fft_minus_s32(b.imaginary, a.imaginary) >> 1);
}

#include "tb_fft_passes.h"

#undef TB_FFT
#undef TB_FFT_NUMBER
#undef TB_FFT_FACTOR

#endif
