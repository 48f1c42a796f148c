/* Is the model right on this board, and what does an inference cost here?
   Prints one line a measurement; README.md has the format. */
#include "board.h"
#include "model.h"
#include "model_settings.h"
#include "report.h"
#include "vectors.h"

/* From model_settings.h, as are MODEL_TASK, MODEL_VARIANT and MODEL_SHA256: all string literals. */
static const char *const operator_names[MODEL_OPERATORS] = MODEL_OPERATOR_NAMES;

/* A row for each operator, and the last for the whole inference. */
static uint32_t samples[MODEL_OPERATORS + 1][REPETITIONS];

/* volatile: an inlined or specialized call would cost less than the one subtracted as overhead. */
static uint32_t ticks_of(void (*volatile function)(void)) {
  uint32_t start = board_ticks();
  function();
  return board_ticks() - start;
}

static void nothing(void) {}

/* What reading the counter twice and calling a function cost: the least seen, never too much. */
static uint32_t measure_overhead(void) {
  uint32_t least = ticks_of(nothing);
  for (int i = 1; i < REPETITIONS; i++) {
    uint32_t ticks = ticks_of(nothing);
    if (ticks < least) least = ticks;
  }
  return least;
}

/* Always on the first vector, before which a state is reset: counts depend on the data a little. */
static void measure(uint32_t overhead) {
  for (int i = 0; i < REPETITIONS; i++) {
    vectors_load(0);
    samples[MODEL_OPERATORS][i] = ticks_of(model_invoke);
    vectors_load(0);
    for (int j = 0; j < MODEL_OPERATORS; j++) samples[j][i] = ticks_of(model_operators[j]);
  }
  for (int j = 0; j <= MODEL_OPERATORS; j++) {
    for (int i = 0; i < REPETITIONS; i++) {
      samples[j][i] = samples[j][i] > overhead ? samples[j][i] - overhead : 0;
    }
  }
}

static void sort(uint32_t *values) {
  for (int i = 1; i < REPETITIONS; i++) {
    uint32_t value = values[i];
    int j = i;
    for (; j > 0 && values[j - 1] > value; j--) values[j] = values[j - 1];
    values[j] = value;
  }
}

static void report_ticks(int row) {
  sort(samples[row]);
  report_number("ticks", samples[row][0], board_tick_unit);
  report_number_key("median", samples[row][REPETITIONS / 2]);
  if (row < MODEL_OPERATORS) {
    report_number_key("index", (uint32_t)row);
    report_text_key("operator", operator_names[row]);
  } else {
    report_number_key("repetitions", REPETITIONS);
  }
  report_end();
}

static void report_check(const char *metric, uint32_t mismatches, uint32_t count) {
  report_number(metric, mismatches, "mismatches");
  report_number_key("count", count);
  report_end();
}

static int check(void) {
  uint32_t vectors = vectors_mismatches();
  uint32_t codes = quantize_mismatches();
  report_check("vectors", vectors, vectors_count());
  report_check("quantize", codes, quantize_count());
  return vectors != 0 || codes != 0;
}

int main(void) {
  int status;
  uint32_t overhead;
  board_init();
  report_text("model", MODEL_SHA256, "sha256");
  report_text_key("task", MODEL_TASK);
  report_text_key("variant", MODEL_VARIANT);
  report_end();
  report_number("arena", MODEL_ARENA_BYTES, "bytes");
  report_end();
#ifdef MODEL_STATE_BYTES
  report_number("state", MODEL_STATE_BYTES, "bytes");
  report_end();
#endif
  status = check();
  overhead = measure_overhead();
  measure(overhead);
  report_number("overhead", overhead, board_tick_unit);
  report_end();
  report_ticks(MODEL_OPERATORS);
  for (int row = 0; row < MODEL_OPERATORS; row++) report_ticks(row);
  report_number("status", (uint32_t)status, "exit");
  report_end();
  return status;
}
