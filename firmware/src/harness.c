/* Serves the model to a computer at the other end of the board's serial line.

   A command is a line ">LLLLCCCCSSSSXarguments": the length of what begins with SSSS and its
   CRC-16 (0x1021 from 0xFFFF), a sequence number, a letter, arguments; numbers are hexadecimal.
   An answer is a line of JSON as those of report.h, with the sequence number and its own CRC-16 of
   all from the brace up to ', "crc"'. A command that comes again is answered again, not done again,
   so that the computer may repeat what the line spoiled. */
#include "board.h"
#include "model.h"
#include "model_settings.h"

/* What this program was built from, where the computer built it. */
#ifndef HARNESS_BUILD
#define HARNESS_BUILD ""
#endif

/* The longest command, without its newline. */
#ifndef HARNESS_LINE
#define HARNESS_LINE 256
#endif

enum { PROTOCOL = 1, HEAD = 9, BODY = HEAD + 5, POISON = 0xA5, OVERHEADS = 8 };
/* Below the frame that paints the stack its own variables may lie. */
enum { PAINT = 0x5C, UNPAINTED = 64 };

/* Where the stack must end, if the linker script says so. */
extern uint8_t stack_bottom[] __attribute__((weak));

static char line[HARNESS_LINE];
static uint16_t sum;
static uint32_t overhead;

/* The command done last: its number, whether there is one, and what it gave. */
static uint32_t last, last_value;
static int known;

static uint16_t crc16(uint16_t crc, uint8_t byte) {
  crc = (uint16_t)(crc ^ (uint16_t)((uint16_t)byte << 8));
  for (int bit = 0; bit < 8; bit++) {
    crc = (uint16_t)((crc & 0x8000u) ? (uint16_t)(crc << 1) ^ 0x1021u : (uint16_t)(crc << 1));
  }
  return crc;
}

static void put(const char *text) {
  for (const char *at = text; *at; at++) sum = crc16(sum, (uint8_t)*at);
  board_write(text);
}

static void put_number(uint32_t number) {
  char digits[11];
  char *first = &digits[sizeof digits - 1];
  *first = '\0';
  do {
    *--first = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  put(first);
}

static void put_hex(uint8_t byte) {
  static const char hex[] = "0123456789abcdef";
  const char text[] = {hex[byte >> 4], hex[byte & 15], '\0'};
  put(text);
}

static void begin(const char *metric) {
  board_write("tinybench: ");
  sum = 0xFFFF;
  put("{\"metric\": \"");
  put(metric);
  put("\", \"value\": ");
}

static void end(const char *unit, uint32_t to) {
  uint16_t all;
  put(", \"unit\": \"");
  put(unit);
  put("\", \"to\": ");
  put_number(to);
  all = sum;
  put(", \"crc\": ");
  put_number(all);
  put("}\n");
}

static void key(const char *name, uint32_t value) {
  put(", \"");
  put(name);
  put("\": ");
  put_number(value);
}

static void answer_number(const char *metric, uint32_t value, const char *unit, uint32_t to) {
  begin(metric);
  put_number(value);
  end(unit, to);
}

static void answer_error(const char *reason, uint32_t to) {
  begin("error");
  put("\"");
  put(reason);
  put("\"");
  end("reason", to);
}

static void answer_model(const char *metric, uint32_t to) {
  begin(metric);
  put("\"" MODEL_SHA256 "\", \"build\": \"" HARNESS_BUILD "\", \"ticks\": \"");
  put(board_tick_unit);
  put("\"");
  key("protocol", PROTOCOL);
  key("arena", MODEL_ARENA_BYTES);
  key("operators", MODEL_OPERATORS);
  key("line", HARNESS_LINE);
  end("sha256", to);
}

/* volatile: an inlined or specialized call would cost less than the one subtracted as overhead. */
static uint32_t ticks_of(void (*volatile function)(void)) {
  uint32_t start = board_ticks();
  function();
  return board_ticks() - start;
}

static void nothing(void) {}

/* The least seen, never too much. */
static void measure_overhead(void) {
  overhead = ticks_of(nothing);
  for (int i = 1; i < OVERHEADS; i++) {
    uint32_t ticks = ticks_of(nothing);
    if (ticks < overhead) overhead = ticks;
  }
}

static uint32_t cost_of(void (*function)(void)) {
  uint32_t ticks = ticks_of(function);
  return ticks > overhead ? ticks - overhead : 0;
}

/* How far below here a call of the model reaches, UNPAINTED at least; 0 is not known. A function of
   its own: inside of another one, that one's variables might lie far below `here`. */
__attribute__((noinline)) static uint32_t stack_of(void (*volatile function)(void)) {
  uint8_t here = 0;
  uint8_t *volatile place = &here; /* the compiler is not to know that the stack lies below */
  uint8_t *const top = place;
  volatile uint8_t *at = stack_bottom;
  if (at == 0) return 0;
  for (; at < top - UNPAINTED; at++) *at = PAINT;
  function();
  for (at = stack_bottom; at < top - UNPAINTED && *at == PAINT; at++) {
  }
  return (uint32_t)(top - at);
}

static void reset(void) {
#ifdef MODEL_STATE_BYTES
  model_reset();
#endif
}

static void fill(void) {
  for (uint32_t i = 0; i < MODEL_ARENA_BYTES; i++) model_arena[i] = POISON;
}

static int digit(char text) {
  if (text >= '0' && text <= '9') return text - '0';
  return text >= 'a' && text <= 'f' ? text - 'a' + 10 : -1;
}

/* `count` digits at a place of the line, which are all there; 0 if one is none. */
static int number(uint32_t at, uint32_t count, uint32_t *value) {
  *value = 0;
  for (uint32_t i = 0; i < count; i++) {
    int next = digit(line[at + i]);
    if (next < 0) return 0;
    *value = *value << 4 | (uint32_t)next;
  }
  return 1;
}

/* The length of the next line; a longer one than there is room for is cut. -1: no more comes. */
static int32_t next_line(void) {
  uint32_t length = 0;
  for (;;) {
    int byte = board_read();
    if (byte < 0) return -1;
    if (byte == '\n') return (int32_t)length;
    if (byte == '>') length = 0; /* whatever came before is noise */
    if (length < HARNESS_LINE) line[length++] = (char)byte;
  }
}

static const char *wrong(uint32_t length) {
  uint32_t said, crc;
  uint16_t own = 0xFFFF;
  if (length < BODY || line[0] != '>' || !number(1, 4, &said) || !number(5, 4, &crc)) return "form";
  if (said != length - HEAD) return "length";
  for (uint32_t i = HEAD; i < length; i++) own = crc16(own, (uint8_t)line[i]);
  return own == crc ? 0 : "check sum";
}

static void write_bytes(uint32_t length, uint32_t to) {
  uint32_t offset, value, bytes = (length - BODY) / 2 - 4;
  if (length < BODY + 8 || !number(BODY, 8, &offset)) {
    answer_error("form", to);
  } else if (offset > MODEL_ARENA_BYTES || bytes > MODEL_ARENA_BYTES - offset) {
    answer_error("range", to);
  } else {
    for (uint32_t i = 0; i < bytes; i++) {
      if (number(BODY + 8 + 2 * i, 2, &value)) model_arena[offset + i] = (uint8_t)value;
    }
    answer_number("written", bytes, "bytes", to);
  }
}

static void read_bytes(uint32_t length, uint32_t to) {
  uint32_t offset, bytes;
  if (length != BODY + 12 || !number(BODY, 8, &offset) || !number(BODY + 8, 4, &bytes)) {
    answer_error("form", to);
  } else if (offset > MODEL_ARENA_BYTES || bytes > MODEL_ARENA_BYTES - offset) {
    answer_error("range", to);
  } else {
    begin("bytes");
    put("\"");
    for (uint32_t i = 0; i < bytes; i++) put_hex(model_arena[offset + i]);
    put("\"");
    end("hex", to);
  }
}

static void run_operator(uint32_t length, uint32_t to, int again) {
  uint32_t index;
  if (length != BODY + 4 || !number(BODY, 4, &index)) {
    answer_error("form", to);
  } else if (index >= MODEL_OPERATORS) {
    answer_error("range", to);
  } else {
    if (!again) last_value = cost_of(model_operators[index]);
    answer_number("ticks", last_value, board_tick_unit, to);
  }
}

static void carry_out(char letter, uint32_t length, uint32_t to, int again) {
  switch (letter) {
    case 'w':
      write_bytes(length, to);
      break;
    case 'r':
      read_bytes(length, to);
      break;
    case 'f':
      if (!again) fill();
      answer_number("filled", MODEL_ARENA_BYTES, "bytes", to);
      break;
    case 'z':
      if (!again) reset();
      answer_number("reset", 0, "", to);
      break;
    case 'i':
      if (!again) last_value = cost_of(model_invoke);
      answer_number("ticks", last_value, board_tick_unit, to);
      break;
    case 'o':
      run_operator(length, to, again);
      break;
    case 's':
      if (!again) last_value = stack_of(model_invoke);
      answer_number("stack", last_value, "bytes", to);
      break;
#ifdef HARNESS_OVERRUNS
    case 'v':
      answer_number("overruns", HARNESS_OVERRUNS, "loops", to);
      break;
#endif
    default:
      answer_error("command", to);
  }
}

int main(void) {
  board_init();
  measure_overhead();
  board_write("\n"); /* ends what the line may have held before */
  answer_model("boot", 0);
  for (;;) {
    uint32_t to;
    const char *reason;
    int32_t length = next_line();
    if (length < 0) return 0;
    if (length == 0) continue;
    reason = wrong((uint32_t)length);
    if (reason || !number(HEAD, 4, &to)) {
      answer_error(reason ? reason : "form", 0);
    } else if (line[BODY - 1] == 'h') {
      known = 1;
      last = to;
      answer_model("model", to);
    } else if (!known || (to != last && to != ((last + 1) & 0xFFFFu))) {
      answer_error("sequence", to); /* the computer speaks to a board that has started anew */
    } else {
      int again = to == last;
      last = to;
      carry_out(line[BODY - 1], (uint32_t)length, to, again);
    }
  }
}
