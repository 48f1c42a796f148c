/* Arithmetic on points. With the SIMD instructions of Arm's DSP extension both parts of a point are
   in one register; elsewhere they are two numbers, which are cut to 16 bits when they are stored. */
#ifndef TB_FFT_POINT_H
#define TB_FFT_POINT_H

#include "fft.h"

#define TB_FFT_ROUND (1 << 14)

#if defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>

typedef int16x2_t tb_point; /* the real part is the lower half */

typedef tb_point __attribute__((__may_alias__)) tb_stored_point;

static inline tb_point tb_loaded(const struct tb_fft_point *from) {
  return *(const tb_stored_point *)(const void *)from;
}

static inline void tb_store(struct tb_fft_point *to, tb_point x) {
  *(tb_stored_point *)(void *)to = x;
}

/* The bits above the lowest 15 of two products. */
static inline tb_point tb_joined(int32_t real, int32_t imaginary) {
  return (tb_point)(((uint32_t)real >> 15 & 0xffffu) | ((uint32_t)imaginary << 1 & 0xffff0000u));
}

static inline tb_point tb_shifted(tb_point x, int by) {
  const uint32_t from_real = ((1u << by) - 1) << 16;
  return (tb_point)((uint32_t)x << by & ~from_real);
}

static inline tb_point tb_scaled(tb_point x, int32_t by) {
  return tb_joined(__smlabb(x, by, TB_FFT_ROUND), __smlatb(x, by, TB_FFT_ROUND));
}

static inline tb_point tb_turned(tb_point x, tb_point by) {
  return tb_joined(__smlsd(x, by, TB_FFT_ROUND), __smladx(x, by, TB_FFT_ROUND));
}

static inline tb_point tb_sum(tb_point a, tb_point b) { return __sadd16(a, b); }
static inline tb_point tb_difference(tb_point a, tb_point b) { return __ssub16(a, b); }

/* a - ib and a + ib. */
static inline tb_point tb_less_i(tb_point a, tb_point b) { return __ssax(a, b); }
static inline tb_point tb_plus_i(tb_point a, tb_point b) { return __sasx(a, b); }

static inline tb_point tb_half_sum(tb_point a, tb_point b) { return __shadd16(a, b); }

/* Half of the difference, the imaginary part with its sign changed before it is halved. */
static inline tb_point tb_half_conjugate(tb_point a, tb_point b) {
  return (tb_point)(((uint32_t)__shsub16(a, b) & 0xffffu) |
                    ((uint32_t)__shsub16(b, a) & 0xffff0000u));
}

static inline tb_point tb_conjugate(tb_point x) {
  return (tb_point)(((uint32_t)x & 0xffffu) | ((uint32_t)__ssub16(0, x) & 0xffff0000u));
}

#else

typedef struct {
  int32_t real, imaginary;
} tb_point;

static inline tb_point tb_pair(int32_t real, int32_t imaginary) {
  const tb_point made = {real, imaginary};
  return made;
}

static inline int16_t tb_low(int32_t value) { return (int16_t)(uint16_t)value; }

static inline tb_point tb_loaded(const struct tb_fft_point *from) {
  return tb_pair(from->real, from->imaginary);
}

static inline void tb_store(struct tb_fft_point *to, tb_point x) {
  to->real = tb_low(x.real);
  to->imaginary = tb_low(x.imaginary);
}

static inline tb_point tb_shifted(tb_point x, int by) {
  return tb_pair(tb_low((int32_t)((uint32_t)x.real << by)),
                 tb_low((int32_t)((uint32_t)x.imaginary << by)));
}

static inline tb_point tb_scaled(tb_point x, int32_t by) {
  return tb_pair((x.real * by + TB_FFT_ROUND) >> 15, (x.imaginary * by + TB_FFT_ROUND) >> 15);
}

/* Cut to 16 bits: of points in the corners, it is the only result that can need more. */
static inline tb_point tb_turned(tb_point x, tb_point by) {
  return tb_pair(tb_low((x.real * by.real - x.imaginary * by.imaginary + TB_FFT_ROUND) >> 15),
                 tb_low((x.real * by.imaginary + x.imaginary * by.real + TB_FFT_ROUND) >> 15));
}

static inline tb_point tb_sum(tb_point a, tb_point b) {
  return tb_pair(a.real + b.real, a.imaginary + b.imaginary);
}

static inline tb_point tb_difference(tb_point a, tb_point b) {
  return tb_pair(a.real - b.real, a.imaginary - b.imaginary);
}

static inline tb_point tb_less_i(tb_point a, tb_point b) {
  return tb_pair(a.real + b.imaginary, a.imaginary - b.real);
}

static inline tb_point tb_plus_i(tb_point a, tb_point b) {
  return tb_pair(a.real - b.imaginary, a.imaginary + b.real);
}

static inline tb_point tb_half_sum(tb_point a, tb_point b) {
  return tb_pair((a.real + b.real) >> 1, (a.imaginary + b.imaginary) >> 1);
}

static inline tb_point tb_half_conjugate(tb_point a, tb_point b) {
  return tb_pair((a.real - b.real) >> 1, (b.imaginary - a.imaginary) >> 1);
}

static inline tb_point tb_conjugate(tb_point x) { return tb_pair(x.real, tb_low(-x.imaginary)); }

#endif

#endif
