/* What follows the sums of an LSTM's four gates, for one unit, on int16 codes.
 *
 * Gates' sums are in Q3.12, their activations in Q0.15. */
#ifndef TB_LSTM_CELL_S16_H
#define TB_LSTM_CELL_S16_H

#include "tb_logistic_s16.h"
#include "tb_multiplier.h"
#include "tb_tanh_s16.h"

struct tb_lstm_cell_s16 {
  struct tb_sigmoid_s16 state; /* for the cell state */
  struct tb_multiplier input;  /* from a product of activations to the cell state */
  struct tb_multiplier output; /* from such a product to the hidden state */
  int32_t cell_low, cell_high; /* where the cell state is clipped */
  int32_t offset, low, high;   /* zero point and range of the hidden state */
};

static inline int32_t tb_saturate_s16(int32_t value) {
#if defined(__ARM_FEATURE_SAT)
  return (int32_t)__builtin_arm_ssat(value, 16);
#else
  return tb_clamp(value, -32768, 32767);
#endif
}

/* Update the cell state and return the code of the hidden state. Gates are in the order forget,
 * input, cell, output. */
static inline int32_t tb_lstm_cell_s16(const struct tb_lstm_cell_s16 *p, const int32_t gates[4],
                                       tb_i16 *cell) {
  const struct tb_sigmoid_s16 gate = {p->state.table, 3, 0}; /* for Q3.12 */
  const int32_t forget = tb_logistic_code_s16(&gate, gates[0]);
  const int32_t input = tb_logistic_code_s16(&gate, gates[1]);
  const int32_t candidate = tb_tanh_code_s16(&gate, gates[2]);
  const int32_t output = tb_logistic_code_s16(&gate, gates[3]);
  /* By 2^-15, as TFLM rounds it: a multiplier of one half and a shift of 14. */
  const int32_t kept = tb_divide_by_power((forget * *cell + 1) >> 1, 14);
  const int32_t added = tb_saturate_s16(tb_multiply_by(input * candidate, &p->input));
  const int32_t state = tb_clamp(tb_saturate_s16(kept + added), p->cell_low, p->cell_high);
  *cell = (int16_t)state;
  const int32_t product = tb_tanh_code_s16(&p->state, state) * output;
  return tb_clamp(tb_multiply_by(product, &p->output) + p->offset, p->low, p->high);
}

#endif
