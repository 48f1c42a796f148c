/* output = log of exp(input - largest) / sum of these, over each row, in codes of 1/16 from 127
 *
 * The constants and the order of operations of the logarithm are those of tflite-micro
 * kernels/internal/common.h, log_x_for_x_greater_than_or_equal_to_1, Apache License 2.0: every
 * rounding counts for equality. */
#ifndef TB_LOG_SOFTMAX_S8_H
#define TB_LOG_SOFTMAX_S8_H

#include "tb_inverse_root.h"
#include "tb_softmax.h"

struct tb_log_softmax_s8 {
  const int32_t *exponents; /* Q0.31, by the difference to the largest code */
  int32_t terms;
  int32_t rows, columns;
  int32_t multiplier, shift;                 /* from differences to Q5.26, to the left */
  int32_t inverse_multiplier, inverse_shift; /* back */
};

static inline int32_t tb_leading_zeros(int32_t number) {
  int32_t zeros = 0;
  for (uint32_t bits = (uint32_t)number; zeros < 32 && !(bits & 0x80000000u); bits <<= 1) {
    zeros++;
  }
  return zeros;
}

/* log x in Q5.26 of a number in Q12.19, from 1 on */
static inline int32_t tb_logarithm(int32_t number) {
  const int32_t root_half = 1518500250, root_root_half = 1805811301, quarter = (int32_t)1 << 23;
  const int32_t zeros = tb_leading_zeros(number);
  const int32_t first =
      tb_shift_left(tb_high_multiply(tb_shift_left(number, zeros - 1), root_half), 1);
  const int32_t first_power = tb_shift_left(12 - zeros, 25) + quarter;
  const int32_t room = tb_leading_zeros(tb_high_multiply(number, root_half)) - 1;
  const int32_t second = tb_shift_left(number, room);
  const int32_t second_power = tb_shift_left(12 - room, 25) - quarter;
  const int32_t r = first < second ? first : second;
  const int32_t power = first_power > second_power ? first_power : second_power;
  const int32_t p = (int32_t)(((int64_t)r + root_root_half + 1) / 2);
  const int32_t q = (r - root_root_half) * 2;
  const int32_t square = tb_high_multiply(q, q);
  const int32_t above =
      tb_high_multiply(q, r) + tb_high_multiply(tb_high_multiply(q, square), 117049297);
  const int32_t below =
      tb_high_multiply(p, 1057819769 + q + tb_high_multiply(127690142, square)) +
      tb_high_multiply(638450708, q);
  const struct tb_reciprocal by = tb_reciprocal((int32_t)((uint32_t)below | 0x80000000u));
  const int32_t sum = tb_high_multiply(power, 1488522236) +
                      tb_high_multiply(tb_divide_by_power(above, 6), by.scale);
  return tb_shift_left(sum, 1);
}

TB_KERNEL void tb_log_softmax_s8(const struct tb_log_softmax_s8 *p, const int8_t *input,
                                 int8_t *output) {
  for (int32_t row = 0; row < p->rows; row++, input += p->columns, output += p->columns) {
    const int32_t largest = tb_largest(input, p->columns);
    int32_t sum = 0;
    for (int32_t i = 0; i < p->columns; i++) {
      const int32_t difference = largest - input[i];
      sum += difference < p->terms ? tb_divide_by_power(p->exponents[difference], 12) : 0;
    }
    sum = tb_logarithm(sum);
    const int32_t least = tb_rescale(sum + INT32_MIN, p->inverse_multiplier, p->inverse_shift);
    for (int32_t i = 0; i < p->columns; i++) {
      const int32_t difference = input[i] - largest;
      int32_t code = -128;
      if (difference > least && -difference < p->terms) {
        const int32_t scaled = tb_rescale(difference, p->multiplier, p->shift);
        code = 127 + tb_divide_by_power((int32_t)((uint32_t)scaled - (uint32_t)sum), 22);
      }
      output[i] = (int8_t)tb_clamp(code, -128, 127);
    }
  }
}

#endif
