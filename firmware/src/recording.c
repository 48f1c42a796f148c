#include "recording.h"

static uint32_t little_endian(const uint8_t *bytes, uint32_t count) {
  uint32_t value = 0;
  for (uint32_t i = count; i > 0; i--) value = value << 8 | bytes[i - 1];
  return value;
}

static int is(const uint8_t *bytes, const char *name) {
  for (int i = 0; i < 4; i++) {
    if (bytes[i] != (uint8_t)name[i]) return 0;
  }
  return 1;
}

/* PCM, one channel, 16,000 samples a second, 16 bits. */
static int fits(const uint8_t *format) {
  return little_endian(format, 2) == 1 && little_endian(format + 2, 2) == 1 &&
         little_endian(format + 4, 4) == 16000 && little_endian(format + 14, 2) == 16;
}

int recording_samples(const struct recording *file, struct recording *samples) {
  uint32_t at = 12;
  int known = 0;
  if (file->size < at || !is(file->bytes, "RIFF") || !is(file->bytes + 8, "WAVE")) return 0;
  while (file->size - at >= 8) {
    const uint8_t *chunk = file->bytes + at;
    const uint32_t size = little_endian(chunk + 4, 4), left = file->size - at - 8;
    if (size > left) return 0;
    if (is(chunk, "fmt ")) known = size >= 16 && fits(chunk + 8);
    if (is(chunk, "data")) {
      samples->bytes = chunk + 8;
      samples->size = size & ~1u;
      return known && size >= 2;
    }
    if (size + size % 2 > left) return 0;
    at += 8 + size + size % 2;
  }
  return 0;
}

static int take(struct recording *file) {
  if (file->size == 0) return -1;
  file->size--;
  return *file->bytes++;
}

static int next(const struct recording *file) { return file->size == 0 ? -1 : *file->bytes; }

static int blank(int c) { return c == ' ' || c == '\t' || c == '\r'; }

static void pass_blanks(struct recording *file) {
  while (blank(next(file))) (void)take(file);
}

static int take_number(struct recording *file, int16_t *number) {
  int32_t value = 0, digits = 0;
  pass_blanks(file);
  const int minus = next(file) == '-';
  if (minus) (void)take(file);
  for (; next(file) >= '0' && next(file) <= '9' && value <= INT16_MAX; digits++) {
    value = 10 * value + take(file) - '0';
  }
  pass_blanks(file);
  *number = (int16_t)(minus ? -value : value);
  return digits > 0 && value <= INT16_MAX;
}

void recording_header(struct recording *file) {
  const int c = next(file) | 0x20;
  if (c < 'a' || c > 'z') return;
  while (next(file) != -1 && take(file) != '\n') {
  }
}

int recording_reading(struct recording *file, int16_t reading[3]) {
  pass_blanks(file);
  while (next(file) == '\n') {
    (void)take(file);
    pass_blanks(file);
  }
  if (next(file) == -1) return 0;
  for (int axis = 0; axis < 3; axis++) {
    if (!take_number(file, &reading[axis])) return -1;
    if (take(file) != (axis < 2 ? ',' : '\n') && (axis < 2 || file->size > 0)) return -1;
  }
  return 1;
}
