/* A layer of long short-term memory on floats.
 *
 * gate = function((bias + W x) + R h), the bias added last to its sum. Weights stand in the order
 * in which they are read: for each 4 units, for each gate, a block of W and a block of R
 * (tb_dot_f32.h), units filled up to a multiple of 4. */
#ifndef TB_LSTM_F32_H
#define TB_LSTM_F32_H

#include "tb_activate_f32.h"
#include "tb_dot_f32.h"
#include "tb_logistic_f32.h"
#include "tb_tanh_f32.h"

struct tb_lstm_f32 {
  const float *weights;
  const float *bias; /* 4 for each gate of 4 units */
  int32_t batches, steps, units, inputs;
  int32_t input_batch, input_step, output_batch, output_step;
  float clip; /* of the cell state; 0 if there is none */
};

static inline float tb_finite_f32(float value) {
  return tb_activate_f32(value, -3.40282347e+38f, 3.40282347e+38f);
}

/* Sums of gates for 4 units: gates[unit][gate]. Return the next weights. */
static inline const float *tb_lstm_gates_f32(const struct tb_lstm_f32 *p, const tb_f32 *input,
                                             const tb_f32 *hidden, const float *weights,
                                             const float *bias, float gates[4][4]) {
  TB_ROLLED
  for (int32_t gate = 0; gate < 4; gate++, bias += 4) {
    float sum[4] = {0}, recurrent[4] = {0};
    tb_dot_1x4_f32(input, weights, p->inputs, sum);
    weights += 4 * p->inputs;
    tb_dot_1x4_f32(hidden, weights, p->units, recurrent);
    weights += 4 * p->units;
    for (int32_t i = 0; i < 4; i++) {
      gates[i][gate] = tb_finite_f32(sum[i] + bias[i]) + tb_finite_f32(recurrent[i]);
    }
  }
  return weights;
}

/* Update the cell state and return the hidden state of one unit. */
static inline float tb_lstm_cell_f32(float clip, const float gates[4], tb_f32 *cell) {
  const float kept = tb_finite_f32(tb_logistic_value_f32(gates[0]) * *cell);
  const float input = tb_logistic_value_f32(gates[1]);
  float state = kept + tb_finite_f32(input * tb_tanh_value_f32(gates[2]));
  if (clip > 0) {
    state = state < clip ? state : clip; /* what is no number becomes the largest */
    state = state < -clip ? -clip : state;
  }
  *cell = state;
  return tb_finite_f32(tb_tanh_value_f32(state) * tb_logistic_value_f32(gates[3]));
}

TB_KERNEL void tb_lstm_f32(const struct tb_lstm_f32 *p, const tb_f32 *input, tb_f32 *state,
                           tb_f32 *cell, tb_f32 *output) {
  const int32_t units = p->units;
  for (int32_t n = 0; n < p->batches; n++, state += units, cell += units) {
    const tb_f32 *x = input + n * p->input_batch, *hidden = state;
    tb_f32 *y = output + n * p->output_batch;
    for (int32_t t = 0; t < p->steps; t++, x += p->input_step, y += p->output_step) {
      const float *weights = p->weights, *bias = p->bias;
      for (int32_t unit = 0; unit < units; unit += 4, bias += 16) {
        const int32_t count = units - unit < 4 ? units - unit : 4;
        float gates[4][4];
        weights = tb_lstm_gates_f32(p, x, hidden, weights, bias, gates);
        for (int32_t i = 0; i < count; i++) {
          y[unit + i] = tb_lstm_cell_f32(p->clip, gates[i], cell + unit + i);
        }
      }
      hidden = y;
    }
    memcpy(state, hidden, sizeof(float) * (size_t)units);
  }
}

#endif
