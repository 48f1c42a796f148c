#include "fft.h"

#include "fft_point.h"
#include "fft_tables.h"

/* 1/4 and 1/2 in 15 bits are a little less than that. */
#define TB_FFT_QUARTER 8191
#define TB_FFT_HALF 16383
/* A loop that would only become larger if it were unrolled. */
#define TB_FFT_ROLLED _Pragma("GCC unroll 1")

/* Four points, `m` apart, after they have been scaled and turned. */
static inline void combine(struct tb_fft_point *at, int m, tb_point a, tb_point b, tb_point c,
                           tb_point d) {
  const tb_point even = tb_sum(a, c), odd = tb_difference(a, c);
  const tb_point outer = tb_sum(b, d), inner = tb_difference(b, d);
  tb_store(at, tb_sum(even, outer));
  tb_store(at + m, tb_less_i(odd, inner));
  tb_store(at + 2 * m, tb_difference(even, outer));
  tb_store(at + 3 * m, tb_plus_i(odd, inner));
}

static inline tb_point quarter(const struct tb_fft_point *at) {
  return tb_scaled(tb_loaded(at), TB_FFT_QUARTER);
}

/* A factor of one changes no number that was scaled by a quarter, though it is 32767 / 32768. */
static inline void unturned(struct tb_fft_point *at, int m) {
  combine(at, m, quarter(at), quarter(at + m), quarter(at + 2 * m), quarter(at + 3 * m));
}

static void first_pass(struct tb_fft_point *at, int shift) {
  const struct tb_fft_point *const end = at + TB_FFT_POINTS;
  TB_FFT_ROLLED for (; at != end; at += 4) {
    tb_point x[4];
    for (int i = 0; i < 4; i++)
      x[i] = tb_scaled(tb_shifted(tb_loaded(at + i), shift), TB_FFT_QUARTER);
    combine(at, 1, x[0], x[1], x[2], x[3]);
  }
}

static void pass(struct tb_fft_point *points, int m) {
  const struct tb_fft_point *const end = points + TB_FFT_POINTS;
  const int stride = TB_FFT_POINTS / 4 / m;
  TB_FFT_ROLLED for (struct tb_fft_point *at = points; at < end; at += 4 * m) unturned(at, m);
  for (int i = 1; i < m; i++) {
    const tb_point once = tb_loaded(&tb_fft_twiddles[i * stride]);
    const tb_point twice = tb_loaded(&tb_fft_twiddles[2 * i * stride]);
    const tb_point thrice = tb_loaded(&tb_fft_twiddles[3 * i * stride]);
    TB_FFT_ROLLED for (struct tb_fft_point *at = points + i; at < end; at += 4 * m) {
      combine(at, m, quarter(at), tb_turned(quarter(at + m), once),
              tb_turned(quarter(at + 2 * m), twice), tb_turned(quarter(at + 3 * m), thrice));
    }
  }
}

/* Even and odd samples were transformed as real and imaginary parts; this takes them apart. */
static void split(struct tb_fft_point *points) {
  TB_FFT_ROLLED for (int k = 1; k <= TB_FFT_POINTS / 2; k++) {
    struct tb_fft_point *const other = &points[TB_FFT_POINTS - k];
    const tb_point a = tb_scaled(tb_loaded(&points[k]), TB_FFT_HALF);
    const tb_point b = tb_scaled(tb_conjugate(tb_loaded(other)), TB_FFT_HALF);
    const tb_point even = tb_sum(a, b);
    const tb_point odd = tb_turned(tb_difference(a, b), tb_loaded(&tb_fft_real_twiddles[k - 1]));
    tb_store(&points[k], tb_half_sum(even, odd));
    tb_store(other, tb_half_conjugate(even, odd));
  }
}

void tb_fft_real(struct tb_fft_point points[TB_FFT_POINTS], int shift) {
  first_pass(points, shift);
  pass(points, 4);
  pass(points, 16);
  pass(points, 64);
  split(points);
}
