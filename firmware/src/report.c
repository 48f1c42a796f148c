#include "report.h"

#include "board.h"
#include "text.h"

static void begin(const char *metric) {
  board_write("tinybench: {\"metric\": ");
  write_string(metric);
}

static void key(const char *name) {
  board_write(", ");
  write_string(name);
  board_write(": ");
}

void report_number_key(const char *name, uint32_t value) {
  key(name);
  write_number(value);
}

void report_text_key(const char *name, const char *value) {
  key(name);
  write_string(value);
}

void report_number(const char *metric, uint32_t value, const char *unit) {
  begin(metric);
  report_number_key("value", value);
  report_text_key("unit", unit);
}

void report_text(const char *metric, const char *value, const char *unit) {
  begin(metric);
  report_text_key("value", value);
  report_text_key("unit", unit);
}

void report_end(void) { board_write("}\n"); }
