/* Arithmetic on points. With the SIMD instructions of Arm's DSP extension both parts of a point are
   in one register; elsewhere they are two numbers, which are cut to 16 bits when they are stored. */
#ifndef FFT_POINT_H
#define FFT_POINT_H

#include "fft.h"

#define ROUND (1 << 14)

#if defined(__ARM_FEATURE_SIMD32) && defined(__ARM_FEATURE_DSP)
#include <arm_acle.h>

typedef int16x2_t point_t; /* the real part is the lower half */

typedef point_t __attribute__((__may_alias__)) stored_t;

static inline point_t loaded(const struct fft_point *from) {
  return *(const stored_t *)(const void *)from;
}

static inline void store(struct fft_point *to, point_t x) { *(stored_t *)(void *)to = x; }

/* The bits above the lowest 15 of two products. */
static inline point_t joined(int32_t real, int32_t imaginary) {
  return (point_t)(((uint32_t)real >> 15 & 0xffffu) | ((uint32_t)imaginary << 1 & 0xffff0000u));
}

static inline point_t shifted(point_t x, int by) {
  const uint32_t from_real = ((1u << by) - 1) << 16;
  return (point_t)((uint32_t)x << by & ~from_real);
}

static inline point_t scaled(point_t x, int32_t by) {
  return joined(__smlabb(x, by, ROUND), __smlatb(x, by, ROUND));
}

static inline point_t turned(point_t x, point_t by) {
  return joined(__smlsd(x, by, ROUND), __smladx(x, by, ROUND));
}

static inline point_t sum(point_t a, point_t b) { return __sadd16(a, b); }
static inline point_t difference(point_t a, point_t b) { return __ssub16(a, b); }

/* a - ib and a + ib. */
static inline point_t less_i(point_t a, point_t b) { return __ssax(a, b); }
static inline point_t plus_i(point_t a, point_t b) { return __sasx(a, b); }

static inline point_t half_sum(point_t a, point_t b) { return __shadd16(a, b); }

/* Half of the difference, the imaginary part with its sign changed before it is halved. */
static inline point_t half_conjugate(point_t a, point_t b) {
  return (point_t)(((uint32_t)__shsub16(a, b) & 0xffffu) |
                   ((uint32_t)__shsub16(b, a) & 0xffff0000u));
}

static inline point_t conjugate(point_t x) {
  return (point_t)(((uint32_t)x & 0xffffu) | ((uint32_t)__ssub16(0, x) & 0xffff0000u));
}

#else

typedef struct {
  int32_t real, imaginary;
} point_t;

static inline int16_t low(int32_t value) { return (int16_t)(uint16_t)value; }

static inline point_t loaded(const struct fft_point *from) {
  return (point_t){from->real, from->imaginary};
}

static inline void store(struct fft_point *to, point_t x) {
  to->real = low(x.real);
  to->imaginary = low(x.imaginary);
}

static inline point_t shifted(point_t x, int by) {
  return (point_t){low((int32_t)((uint32_t)x.real << by)),
                   low((int32_t)((uint32_t)x.imaginary << by))};
}

static inline point_t scaled(point_t x, int32_t by) {
  return (point_t){(x.real * by + ROUND) >> 15, (x.imaginary * by + ROUND) >> 15};
}

/* Cut to 16 bits: of points in the corners, it is the only result that can need more. */
static inline point_t turned(point_t x, point_t by) {
  return (point_t){low((x.real * by.real - x.imaginary * by.imaginary + ROUND) >> 15),
                   low((x.real * by.imaginary + x.imaginary * by.real + ROUND) >> 15)};
}

static inline point_t sum(point_t a, point_t b) {
  return (point_t){a.real + b.real, a.imaginary + b.imaginary};
}

static inline point_t difference(point_t a, point_t b) {
  return (point_t){a.real - b.real, a.imaginary - b.imaginary};
}

static inline point_t less_i(point_t a, point_t b) {
  return (point_t){a.real + b.imaginary, a.imaginary - b.real};
}

static inline point_t plus_i(point_t a, point_t b) {
  return (point_t){a.real - b.imaginary, a.imaginary + b.real};
}

static inline point_t half_sum(point_t a, point_t b) {
  return (point_t){(a.real + b.real) >> 1, (a.imaginary + b.imaginary) >> 1};
}

static inline point_t half_conjugate(point_t a, point_t b) {
  return (point_t){(a.real - b.real) >> 1, (b.imaginary - a.imaginary) >> 1};
}

static inline point_t conjugate(point_t x) { return (point_t){x.real, low(-x.imaginary)}; }

#endif

#endif
