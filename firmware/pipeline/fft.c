#include "fft.h"

#include "fft_point.h"
#include "fft_tables.h"

/* 1/4 and 1/2 in 15 bits are a little less than that. */
#define QUARTER 8191
#define HALF 16383
/* A loop that would only become larger if it were unrolled. */
#define ROLLED _Pragma("GCC unroll 1")

/* Four points, `m` apart, after they have been scaled and turned. */
static inline void combine(struct fft_point *at, int m, point_t a, point_t b, point_t c,
                           point_t d) {
  const point_t even = sum(a, c), odd = difference(a, c);
  const point_t outer = sum(b, d), inner = difference(b, d);
  store(at, sum(even, outer));
  store(at + m, less_i(odd, inner));
  store(at + 2 * m, difference(even, outer));
  store(at + 3 * m, plus_i(odd, inner));
}

static inline point_t quarter(const struct fft_point *at) { return scaled(loaded(at), QUARTER); }

/* A factor of one changes no number that was scaled by a quarter, though it is 32767 / 32768. */
static inline void unturned(struct fft_point *at, int m) {
  combine(at, m, quarter(at), quarter(at + m), quarter(at + 2 * m), quarter(at + 3 * m));
}

static void first_pass(struct fft_point *at, int shift) {
  const struct fft_point *const end = at + FFT_POINTS;
  ROLLED for (; at != end; at += 4) {
    point_t x[4];
    for (int i = 0; i < 4; i++) x[i] = scaled(shifted(loaded(at + i), shift), QUARTER);
    combine(at, 1, x[0], x[1], x[2], x[3]);
  }
}

static void pass(struct fft_point *points, int m) {
  const struct fft_point *const end = points + FFT_POINTS;
  const int stride = FFT_POINTS / 4 / m;
  ROLLED for (struct fft_point *at = points; at < end; at += 4 * m) unturned(at, m);
  for (int i = 1; i < m; i++) {
    const point_t once = loaded(&fft_twiddles[i * stride]);
    const point_t twice = loaded(&fft_twiddles[2 * i * stride]);
    const point_t thrice = loaded(&fft_twiddles[3 * i * stride]);
    ROLLED for (struct fft_point *at = points + i; at < end; at += 4 * m) {
      combine(at, m, quarter(at), turned(quarter(at + m), once),
              turned(quarter(at + 2 * m), twice), turned(quarter(at + 3 * m), thrice));
    }
  }
}

/* Even and odd samples were transformed as real and imaginary parts; this takes them apart. */
static void split(struct fft_point *points) {
  ROLLED for (int k = 1; k <= FFT_POINTS / 2; k++) {
    struct fft_point *const other = &points[FFT_POINTS - k];
    const point_t a = scaled(loaded(&points[k]), HALF);
    const point_t b = scaled(conjugate(loaded(other)), HALF);
    const point_t even = sum(a, b);
    const point_t odd = turned(difference(a, b), loaded(&fft_real_twiddles[k - 1]));
    store(&points[k], half_sum(even, odd));
    store(other, half_conjugate(even, odd));
  }
}

void fft_real(struct fft_point points[FFT_POINTS], int shift) {
  first_pass(points, shift);
  pass(points, 4);
  pass(points, 16);
  pass(points, 64);
  split(points);
}
