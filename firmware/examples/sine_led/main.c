/* A lamp that follows a sine wave which the model computes: TensorFlow Lite for Microcontrollers'
   "hello world". Each row is a step of x from 0 to 2 pi. */
#include "board.h"
#include "model.h"
#include "model_settings.h"
#include "quantize.h"
#include "text.h"

#define STEPS 32
#define TWO_PI 6.2831855f

static float predict(float x) {
#ifdef MODEL_INPUT_0_SCALE
  MODEL_INPUT_0[0] = (MODEL_INPUT_0_TYPE)model_quantize(
      x, MODEL_INPUT_0_SCALE, MODEL_INPUT_0_ZERO_POINT, MODEL_INPUT_0_MIN, MODEL_INPUT_0_MAX);
#else
  MODEL_INPUT_0[0] = x;
#endif
  model_invoke();
#ifdef MODEL_OUTPUT_0_SCALE
  return model_dequantize(MODEL_OUTPUT_0[0], MODEL_OUTPUT_0_SCALE, MODEL_OUTPUT_0_ZERO_POINT);
#else
  return MODEL_OUTPUT_0[0];
#endif
}

/* On a board with a lamp, write `duty` to the compare register of its PWM timer here. */
static void show(uint32_t step, uint32_t duty) {
  board_write(step < 10 ? " " : "");
  write_number(step);
  board_write(duty < 10 ? "   " : duty < 100 ? "  " : " ");
  write_number(duty);
  board_write(" ");
  for (uint32_t i = 0; i < (duty + 2) / 4; i++) board_write("#");
  board_write("\n");
}

int main(void) {
  board_init();
  for (uint32_t step = 0; step <= STEPS; step++) {
    float y = predict(TWO_PI / STEPS * (float)step);
    /* -1 is dark and 1 is bright: 127.5 steps of duty a unit, which quantizing rounds and clips. */
    show(step, (uint32_t)model_quantize(y + 1.0f, 1.0f / 127.5f, 0, 0, 255));
  }
  return 0;
}
