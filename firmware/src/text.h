/* Numbers and JSON strings through board_write(), because a board has no printf. */
#ifndef TEXT_H
#define TEXT_H

#include <stdint.h>

void write_number(uint32_t number);

/* In double quotes, with quotes, backslashes and control characters escaped. */
void write_string(const char *text);

#endif
