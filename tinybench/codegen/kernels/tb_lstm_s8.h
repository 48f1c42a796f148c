/* A layer of long short-term memory on int8 codes, with an int16 cell state.
 *
 * gate = function(rescale(bias + W x) + rescale(R h)), for four gates of each unit. Both sums are
 * rescaled and saturated to int16 on their own, as TFLM does it; zero points are folded into what
 * they begin with. Weights stand in the order in which they are read: for each 4 units, for each
 * gate, a block of W and a block of R (tb_dot_s8.h). */
#ifndef TB_LSTM_S8_H
#define TB_LSTM_S8_H

#include "tb_dot_s8.h"
#include "tb_lstm_cell_s16.h"

struct tb_lstm_s8 {
  const int8_t *weights;
  const int32_t *bias;   /* in the same order, 4 for each block */
  const int32_t *scales; /* of W and R of each gate: multiplier, shifts to the left and right */
  int32_t batches, steps, units;
  int32_t groups, hidden_groups; /* groups of 4 inputs, of 4 units */
  int32_t input_batch, input_step, output_batch, output_step;
  struct tb_lstm_cell_s16 cell;
};

/* Sums of gates for 4 units: gates[unit][gate]. Return the next weights. */
static inline const int8_t *tb_lstm_gates_s8(const struct tb_lstm_s8 *p, const int8_t *input,
                                             const int8_t *hidden, const int8_t *weights,
                                             const int32_t *bias, int32_t gates[4][4]) {
  const int32_t *scales = p->scales;
  TB_ROLLED
  for (int32_t gate = 0; gate < 4; gate++, bias += 8, scales += 6) {
    int32_t sum[4] = {bias[0], bias[1], bias[2], bias[3]};
    int32_t recurrent[4] = {bias[4], bias[5], bias[6], bias[7]};
    weights = tb_dot_1x4(input, weights, p->groups, sum);
    weights = tb_dot_1x4(hidden, weights, p->hidden_groups, recurrent);
    for (int32_t i = 0; i < 4; i++) {
      const int32_t own = tb_multiply(sum[i], scales[0], scales[1], scales[2]);
      const int32_t other = tb_multiply(recurrent[i], scales[3], scales[4], scales[5]);
      gates[i][gate] = tb_saturate_s16(tb_saturate_s16(own) + tb_saturate_s16(other));
    }
  }
  return weights;
}

TB_KERNEL void tb_lstm_s8(const struct tb_lstm_s8 *p, const int8_t *input, int8_t *state,
                          tb_i16 *cell, int8_t *output) {
  const int32_t units = p->units;
  for (int32_t n = 0; n < p->batches; n++, state += units, cell += units) {
    const int8_t *x = input + n * p->input_batch, *hidden = state;
    int8_t *y = output + n * p->output_batch;
    for (int32_t t = 0; t < p->steps; t++, x += p->input_step, y += p->output_step) {
      const int8_t *weights = p->weights;
      const int32_t *bias = p->bias;
      for (int32_t unit = 0; unit < units; unit += 4, bias += 32) {
        const int32_t count = units - unit < 4 ? units - unit : 4;
        int32_t gates[4][4];
        weights = tb_lstm_gates_s8(p, x, hidden, weights, bias, gates);
        TB_ROLLED
        for (int32_t i = 0; i < count; i++) {
          y[unit + i] = (int8_t)tb_lstm_cell_s16(&p->cell, gates[i], cell + unit + i);
        }
      }
      hidden = y; /* the next step's, where the hidden state would be a copy of it */
    }
    memcpy(state, hidden, (size_t)units);
  }
}

#endif
