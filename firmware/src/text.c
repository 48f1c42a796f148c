#include "text.h"

#include "board.h"

void write_number(uint32_t number) {
  char digits[11];
  char *first = &digits[sizeof digits - 1];
  *first = '\0';
  do {
    *--first = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  board_write(first);
}

void write_string(const char *text) {
  static const char hex[] = "0123456789abcdef";
  board_write("\"");
  for (; *text != '\0'; text++) {
    unsigned char code = (unsigned char)*text;
    char plain[] = {*text, '\0'};
    char quoted[] = {'\\', *text, '\0'};
    char escaped[] = {'\\', 'u', '0', '0', hex[code >> 4], hex[code & 15], '\0'};
    if (code < 0x20) {
      board_write(escaped);
    } else {
      board_write(code == '"' || code == '\\' ? quoted : plain);
    }
  }
  board_write("\"");
}
