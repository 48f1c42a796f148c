/* A layer of long short-term memory on int16 codes with int8 weights and an int16 cell state.
 *
 * As tb_lstm_s8.h, with sums of 64 bits and one rounding each (tb_scale_s16.h). Weights are in
 * blocks of 4 units, one input after the other, units filled up to a multiple of 4. */
#ifndef TB_LSTM_S16_H
#define TB_LSTM_S16_H

#include "tb_dot_s16.h"
#include "tb_lstm_cell_s16.h"
#include "tb_scale_s16.h"

struct tb_lstm_s16 {
  const int8_t *weights;
  const int64_t *bias;
  struct tb_scale_s16 scale; /* two for each gate, W and R */
  int32_t batches, steps, units, inputs;
  int32_t input_batch, input_step, output_batch, output_step;
  struct tb_lstm_cell_s16 cell;
};

static inline const int8_t *tb_lstm_gates_s16(const struct tb_lstm_s16 *p, const tb_i16 *input,
                                              const tb_i16 *hidden, const int8_t *weights,
                                              const int64_t *bias, int32_t gates[4][4]) {
  TB_ROLLED
  for (int32_t gate = 0; gate < 4; gate++, bias += 8) {
    int64_t sum[4] = {bias[0], bias[1], bias[2], bias[3]};
    int64_t recurrent[4] = {bias[4], bias[5], bias[6], bias[7]};
    tb_dot_1x4_s16(input, weights, p->inputs, sum);
    weights += 4 * p->inputs;
    tb_dot_1x4_s16(hidden, weights, p->units, recurrent);
    weights += 4 * p->units;
    for (int32_t i = 0; i < 4; i++) {
      const int32_t own = tb_scale_s16(sum[i], &p->scale, 2 * gate);
      gates[i][gate] = tb_saturate_s16(own + tb_scale_s16(recurrent[i], &p->scale, 2 * gate + 1));
    }
  }
  return weights;
}

TB_KERNEL void tb_lstm_s16(const struct tb_lstm_s16 *p, const tb_i16 *input, tb_i16 *state,
                           tb_i16 *cell, tb_i16 *output) {
  const int32_t units = p->units;
  for (int32_t n = 0; n < p->batches; n++, state += units, cell += units) {
    const tb_i16 *x = input + n * p->input_batch, *hidden = state;
    tb_i16 *y = output + n * p->output_batch;
    for (int32_t t = 0; t < p->steps; t++, x += p->input_step, y += p->output_step) {
      const int8_t *weights = p->weights;
      const int64_t *bias = p->bias;
      for (int32_t unit = 0; unit < units; unit += 4, bias += 32) {
        const int32_t count = units - unit < 4 ? units - unit : 4;
        int32_t gates[4][4];
        weights = tb_lstm_gates_s16(p, x, hidden, weights, bias, gates);
        TB_ROLLED
        for (int32_t i = 0; i < count; i++) {
          y[unit + i] = (int16_t)tb_lstm_cell_s16(&p->cell, gates[i], cell + unit + i);
        }
      }
      hidden = y;
    }
    memcpy(state, hidden, 2 * (size_t)units);
  }
}

#endif
