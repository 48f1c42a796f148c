/* The passes of a transform, for the type of numbers whose file includes this one.
 *
 * That file defines TB_FFT(name), the name with the type's ending; TB_FFT_NUMBER, a number in
 * memory; TB_FFT_FACTOR, one of a table; and the arithmetic on points, which are pairs of numbers.
 * Integers are fractions: before it adds, a pass divides by its radix.
 *
 * The order of operations and their rounding are those of KISS FFT 1.3 (M. Borgerding,
 * github.com/mborgerding/kissfft), which the runtime uses. */
#ifdef TB_FFT

typedef struct TB_FFT(tb_fft_point) TB_FFT(tb_fft_pair);

/* a - ib and a + ib. */
static inline TB_FFT(tb_fft_pair) TB_FFT(tb_fft_less_i)(TB_FFT(tb_fft_pair) a,
                                                        TB_FFT(tb_fft_pair) b) {
  const TB_FFT(tb_fft_pair) by = {b.imaginary, b.real};
  const TB_FFT(tb_fft_pair) plus = TB_FFT(tb_fft_sum)(a, by);
  const TB_FFT(tb_fft_pair) less = TB_FFT(tb_fft_difference)(a, by);
  const TB_FFT(tb_fft_pair) made = {plus.real, less.imaginary};
  return made;
}

static inline TB_FFT(tb_fft_pair) TB_FFT(tb_fft_plus_i)(TB_FFT(tb_fft_pair) a,
                                                        TB_FFT(tb_fft_pair) b) {
  const TB_FFT(tb_fft_pair) by = {b.imaginary, b.real};
  const TB_FFT(tb_fft_pair) plus = TB_FFT(tb_fft_sum)(a, by);
  const TB_FFT(tb_fft_pair) less = TB_FFT(tb_fft_difference)(a, by);
  const TB_FFT(tb_fft_pair) made = {less.real, plus.imaginary};
  return made;
}

/* A quarter of the circle: ix and -ix. */
static inline TB_FFT(tb_fft_pair) TB_FFT(tb_fft_left)(TB_FFT(tb_fft_pair) x) {
  const TB_FFT(tb_fft_pair) below = TB_FFT(tb_fft_conjugate)(x);
  const TB_FFT(tb_fft_pair) made = {below.imaginary, below.real};
  return made;
}

static inline TB_FFT(tb_fft_pair) TB_FFT(tb_fft_right)(TB_FFT(tb_fft_pair) x) {
  const TB_FFT(tb_fft_pair) swapped = {x.imaginary, x.real};
  return TB_FFT(tb_fft_conjugate)(swapped);
}

/* The point `k` of a butterfly, divided and turned; the first is not turned. */
static inline TB_FFT(tb_fft_pair) TB_FFT(tb_fft_taken)(const TB_FFT_NUMBER *at, int32_t k,
                                                       int32_t m, const TB_FFT_FACTOR *twiddles,
                                                       int32_t step, int32_t radix) {
  const TB_FFT(tb_fft_pair) point =
      TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(at + 2 * k * m), radix);
  return TB_FFT(tb_fft_turned)(point, twiddles + 2 * k * step);
}

static inline void TB_FFT(tb_fft_two)(TB_FFT_NUMBER *at, int32_t m, const TB_FFT_FACTOR *twiddles,
                                      int32_t step) {
  const TB_FFT(tb_fft_pair) a = TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(at), 2);
  const TB_FFT(tb_fft_pair) b = TB_FFT(tb_fft_taken)(at, 1, m, twiddles, step, 2);
  TB_FFT(tb_fft_store)(at + 2 * m, TB_FFT(tb_fft_difference)(a, b));
  TB_FFT(tb_fft_store)(at, TB_FFT(tb_fft_sum)(a, b));
}

/* `third` is where the factor of a third of the circle is in the table. */
static inline void TB_FFT(tb_fft_three)(TB_FFT_NUMBER *at, int32_t m,
                                        const TB_FFT_FACTOR *twiddles, int32_t step,
                                        int32_t third) {
  const TB_FFT(tb_fft_pair) a = TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(at), 3);
  const TB_FFT(tb_fft_pair) b = TB_FFT(tb_fft_taken)(at, 1, m, twiddles, step, 3);
  const TB_FFT(tb_fft_pair) c = TB_FFT(tb_fft_taken)(at, 2, m, twiddles, step, 3);
  const TB_FFT(tb_fft_pair) outer = TB_FFT(tb_fft_sum)(b, c);
  const TB_FFT(tb_fft_pair) middle = TB_FFT(tb_fft_difference)(a, TB_FFT(tb_fft_half)(outer));
  const TB_FFT(tb_fft_pair) inner =
      TB_FFT(tb_fft_times)(TB_FFT(tb_fft_difference)(b, c), twiddles[2 * third + 1]);
  TB_FFT(tb_fft_store)(at, TB_FFT(tb_fft_sum)(a, outer));
  TB_FFT(tb_fft_store)(at + 2 * m, TB_FFT(tb_fft_plus_i)(middle, inner));
  TB_FFT(tb_fft_store)(at + 4 * m, TB_FFT(tb_fft_less_i)(middle, inner));
}

static inline void TB_FFT(tb_fft_four)(TB_FFT_NUMBER *at, int32_t m,
                                       const TB_FFT_FACTOR *twiddles, int32_t step,
                                       int32_t inverse) {
  const TB_FFT(tb_fft_pair) a = TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(at), 4);
  const TB_FFT(tb_fft_pair) b = TB_FFT(tb_fft_taken)(at, 1, m, twiddles, step, 4);
  const TB_FFT(tb_fft_pair) c = TB_FFT(tb_fft_taken)(at, 2, m, twiddles, step, 4);
  const TB_FFT(tb_fft_pair) d = TB_FFT(tb_fft_taken)(at, 3, m, twiddles, step, 4);
  const TB_FFT(tb_fft_pair) even = TB_FFT(tb_fft_sum)(a, c);
  const TB_FFT(tb_fft_pair) odd = TB_FFT(tb_fft_difference)(a, c);
  const TB_FFT(tb_fft_pair) outer = TB_FFT(tb_fft_sum)(b, d);
  const TB_FFT(tb_fft_pair) inner = TB_FFT(tb_fft_difference)(b, d);
  const int32_t first = inverse ? 3 : 1;
  TB_FFT(tb_fft_store)(at, TB_FFT(tb_fft_sum)(even, outer));
  TB_FFT(tb_fft_store)(at + 2 * first * m, TB_FFT(tb_fft_less_i)(odd, inner));
  TB_FFT(tb_fft_store)(at + 4 * m, TB_FFT(tb_fft_difference)(even, outer));
  TB_FFT(tb_fft_store)(at + 2 * (4 - first) * m, TB_FFT(tb_fft_plus_i)(odd, inner));
}

static inline void TB_FFT(tb_fft_five)(TB_FFT_NUMBER *at, int32_t m,
                                       const TB_FFT_FACTOR *twiddles, int32_t step,
                                       int32_t fifth) {
  const TB_FFT_FACTOR *const once = twiddles + 2 * fifth, *const twice = twiddles + 4 * fifth;
  const TB_FFT(tb_fft_pair) a = TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(at), 5);
  const TB_FFT(tb_fft_pair) b = TB_FFT(tb_fft_taken)(at, 1, m, twiddles, step, 5);
  const TB_FFT(tb_fft_pair) c = TB_FFT(tb_fft_taken)(at, 2, m, twiddles, step, 5);
  const TB_FFT(tb_fft_pair) d = TB_FFT(tb_fft_taken)(at, 3, m, twiddles, step, 5);
  const TB_FFT(tb_fft_pair) e = TB_FFT(tb_fft_taken)(at, 4, m, twiddles, step, 5);
  const TB_FFT(tb_fft_pair) outer = TB_FFT(tb_fft_sum)(b, e), inner = TB_FFT(tb_fft_sum)(c, d);
  const TB_FFT(tb_fft_pair) wide = TB_FFT(tb_fft_difference)(b, e);
  const TB_FFT(tb_fft_pair) near = TB_FFT(tb_fft_difference)(c, d);
  TB_FFT(tb_fft_store)(at, TB_FFT(tb_fft_sum)(a, TB_FFT(tb_fft_sum)(outer, inner)));
  TB_FFT(tb_fft_pair) real =
      TB_FFT(tb_fft_sum)(TB_FFT(tb_fft_sum)(a, TB_FFT(tb_fft_times)(outer, once[0])),
                         TB_FFT(tb_fft_times)(inner, twice[0]));
  TB_FFT(tb_fft_pair) side =
      TB_FFT(tb_fft_sum)(TB_FFT(tb_fft_right)(TB_FFT(tb_fft_times)(wide, once[1])),
                         TB_FFT(tb_fft_right)(TB_FFT(tb_fft_times)(near, twice[1])));
  TB_FFT(tb_fft_store)(at + 2 * m, TB_FFT(tb_fft_difference)(real, side));
  TB_FFT(tb_fft_store)(at + 8 * m, TB_FFT(tb_fft_sum)(real, side));
  real = TB_FFT(tb_fft_sum)(TB_FFT(tb_fft_sum)(a, TB_FFT(tb_fft_times)(outer, twice[0])),
                            TB_FFT(tb_fft_times)(inner, once[0]));
  side = TB_FFT(tb_fft_sum)(TB_FFT(tb_fft_left)(TB_FFT(tb_fft_times)(wide, twice[1])),
                            TB_FFT(tb_fft_right)(TB_FFT(tb_fft_times)(near, once[1])));
  TB_FFT(tb_fft_store)(at + 4 * m, TB_FFT(tb_fft_sum)(real, side));
  TB_FFT(tb_fft_store)(at + 6 * m, TB_FFT(tb_fft_difference)(real, side));
}

/* All passes over points that are in the order of the first. */
static inline void TB_FFT(tb_fft_passes)(const struct tb_fft *p, const TB_FFT_FACTOR *twiddles,
                                         TB_FFT_NUMBER *points, int32_t inverse) {
  int32_t m = 1;
  for (int32_t pass = p->passes - 1; pass >= 0; pass--) {
    const int32_t radix = p->radices[pass], stride = p->strides[pass];
    for (int32_t group = 0; group < stride; group++) {
      TB_FFT_NUMBER *at = points + 2 * group * radix * m;
      for (int32_t i = 0; i < m; i++, at += 2) {
        const int32_t step = i * stride;
        if (radix == 4) {
          TB_FFT(tb_fft_four)(at, m, twiddles, step, inverse);
        } else if (radix == 2) {
          TB_FFT(tb_fft_two)(at, m, twiddles, step);
        } else if (radix == 3) {
          TB_FFT(tb_fft_three)(at, m, twiddles, step, m * stride);
        } else {
          TB_FFT(tb_fft_five)(at, m, twiddles, step, m * stride);
        }
      }
    }
    m *= radix;
  }
}

/* The transform of `given` numbers, and zeros behind them: half as many points, and one more.
 *
 * Even and odd numbers are transformed as real and imaginary parts, and then taken apart. */
static inline void TB_FFT(tb_fft_forward)(const struct tb_fft *p, const TB_FFT_FACTOR *twiddles,
                                          const TB_FFT_FACTOR *halves, const TB_FFT_NUMBER *input,
                                          int32_t given, TB_FFT_NUMBER *output) {
  const int32_t points = p->points;
  struct tb_fft_order order = tb_fft_start();
  for (int32_t i = 0; i < points; i++) {
    const int32_t from = 2 * order.from;
    output[2 * i] = (TB_FFT_NUMBER)(from < given ? input[from] : 0);
    output[2 * i + 1] = (TB_FFT_NUMBER)(from + 1 < given ? input[from + 1] : 0);
    tb_fft_next(p, &order);
  }
  TB_FFT(tb_fft_passes)(p, twiddles, output, 0);
  const TB_FFT(tb_fft_pair) sums = TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(output), 2);
  const TB_FFT(tb_fft_pair) first = {sums.real, 0}, second = {sums.imaginary, 0};
  TB_FFT(tb_fft_store)(output, TB_FFT(tb_fft_sum)(first, second));
  TB_FFT(tb_fft_store)(output + 2 * points, TB_FFT(tb_fft_difference)(first, second));
  for (int32_t k = 1; k <= points / 2; k++) {
    TB_FFT_NUMBER *const one = output + 2 * k, *const other = output + 2 * (points - k);
    const TB_FFT(tb_fft_pair) a = TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(one), 2);
    const TB_FFT(tb_fft_pair) b =
        TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_conjugate)(TB_FFT(tb_fft_loaded)(other)), 2);
    const TB_FFT(tb_fft_pair) even = TB_FFT(tb_fft_sum)(a, b);
    const TB_FFT(tb_fft_pair) odd =
        TB_FFT(tb_fft_turned)(TB_FFT(tb_fft_difference)(a, b), halves + 2 * (k - 1));
    TB_FFT(tb_fft_store)(one, TB_FFT(tb_fft_half_sum)(even, odd));
    TB_FFT(tb_fft_store)(other, TB_FFT(tb_fft_half_conjugate)(even, odd));
  }
}

/* The numbers that have this transform: the point `k` of the one whose parts are even and odd. */
static inline TB_FFT(tb_fft_pair) TB_FFT(tb_fft_joined)(const TB_FFT_NUMBER *input, int32_t points,
                                                        const TB_FFT_FACTOR *halves, int32_t k) {
  if (k == 0) {
    const TB_FFT(tb_fft_pair) a = {input[0], 0}, b = {input[2 * points], 0};
    const TB_FFT(tb_fft_pair) sums = {TB_FFT(tb_fft_sum)(a, b).real,
                                      TB_FFT(tb_fft_difference)(a, b).real};
    return TB_FFT(tb_fft_scaled)(sums, 2);
  }
  const int32_t mirrored = 2 * k >= points;
  const int32_t low = mirrored ? points - k : k;
  const TB_FFT(tb_fft_pair) a = TB_FFT(tb_fft_scaled)(TB_FFT(tb_fft_loaded)(input + 2 * low), 2);
  const TB_FFT(tb_fft_pair) b = TB_FFT(tb_fft_scaled)(
      TB_FFT(tb_fft_conjugate)(TB_FFT(tb_fft_loaded)(input + 2 * (points - low))), 2);
  const TB_FFT(tb_fft_pair) even = TB_FFT(tb_fft_sum)(a, b);
  const TB_FFT(tb_fft_pair) odd =
      TB_FFT(tb_fft_turned)(TB_FFT(tb_fft_difference)(a, b), halves + 2 * (low - 1));
  return mirrored ? TB_FFT(tb_fft_conjugate)(TB_FFT(tb_fft_difference)(even, odd))
                  : TB_FFT(tb_fft_sum)(even, odd);
}

static inline void TB_FFT(tb_fft_inverse)(const struct tb_fft *p, const TB_FFT_FACTOR *twiddles,
                                          const TB_FFT_FACTOR *halves, const TB_FFT_NUMBER *input,
                                          TB_FFT_NUMBER *output) {
  struct tb_fft_order order = tb_fft_start();
  for (int32_t i = 0; i < p->points; i++) {
    TB_FFT(tb_fft_store)(output + 2 * i,
                         TB_FFT(tb_fft_joined)(input, p->points, halves, order.from));
    tb_fft_next(p, &order);
  }
  TB_FFT(tb_fft_passes)(p, twiddles, output, 1);
}

#endif
