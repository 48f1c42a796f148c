#include "vectors.h"

#include "board.h"
#include "model.h"
#include "quantize.h"
#include "test_vectors.h"
#include "text.h"

/* Enough to see a pattern; a broken model would print every byte of every vector. */
#define SHOWN 8

static uint32_t shown;

static void show(const char *what, uint32_t vector, uint32_t port, uint32_t byte, uint32_t actual,
                 uint32_t expected) {
  if (++shown > SHOWN) return;
  board_write(what);
  write_number(vector);
  board_write(", output ");
  write_number(port);
  board_write(", byte ");
  write_number(byte);
  board_write(": ");
  write_number(actual);
  board_write(" instead of ");
  write_number(expected);
  board_write("\n");
}

void vectors_load(uint32_t vector) {
#ifdef MODEL_STATE_BYTES
  if (vector == 0 || TEST_RESET_EACH) model_reset();
#endif
  for (uint32_t port = 0; port < MODEL_INPUTS; port++) {
    const struct test_port *input = &test_inputs[port];
    uint8_t *arena = input->arena;
    for (uint32_t i = 0; i < input->size; i++) arena[i] = input->bytes[vector * input->size + i];
  }
}

uint32_t vectors_count(void) { return TEST_VECTORS; }

static uint32_t wrong_bytes(uint32_t vector) {
  uint32_t wrong = 0;
  for (uint32_t port = 0; port < MODEL_OUTPUTS; port++) {
    const struct test_port *output = &test_outputs[port];
    const uint8_t *actual = output->arena;
    const uint8_t *expected = output->bytes + vector * output->size;
    for (uint32_t i = 0; i < output->size; i++) {
      if (actual[i] == expected[i]) continue;
      wrong++;
      show("vector ", vector, port, i, actual[i], expected[i]);
    }
  }
  return wrong;
}

uint32_t vectors_mismatches(void) {
  uint32_t mismatches = 0;
  for (uint32_t vector = 0; vector < TEST_VECTORS; vector++) {
    vectors_load(vector);
    model_invoke();
    mismatches += wrong_bytes(vector) != 0;
  }
  return mismatches;
}

#if TEST_QUANTIZATIONS

union real {
  float value;
  uint32_t bits;
};

uint32_t quantize_count(void) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < TEST_QUANTIZATIONS; i++) {
    count += test_quantizations[i].quantized_count + test_quantizations[i].dequantized_count;
  }
  return count;
}

static uint32_t mismatches_of(const struct test_quantization *test) {
  uint32_t mismatches = 0;
  for (uint32_t i = 0; i < test->quantized_count; i++) {
    union real real = {.bits = test->quantized[i].real};
    mismatches += model_quantize(real.value, test->scale, test->zero_point, test->low,
                                 test->high) != test->quantized[i].code;
  }
  for (uint32_t i = 0; i < test->dequantized_count; i++) {
    union real real = {
        .value = model_dequantize(test->dequantized[i].code, test->scale, test->zero_point)};
    mismatches += real.bits != test->dequantized[i].real;
  }
  return mismatches;
}

uint32_t quantize_mismatches(void) {
  uint32_t mismatches = 0;
  for (uint32_t i = 0; i < TEST_QUANTIZATIONS; i++) {
    mismatches += mismatches_of(&test_quantizations[i]);
  }
  return mismatches;
}

#else

uint32_t quantize_count(void) { return 0; }
uint32_t quantize_mismatches(void) { return 0; }

#endif
