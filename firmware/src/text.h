/* Numbers and JSON strings through board_write(), because a board has no printf. */
#ifndef TEXT_H
#define TEXT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void write_number(uint32_t number);

/* In double quotes, with quotes, backslashes and control characters escaped. */
void write_string(const char *text);

#ifdef __cplusplus
}
#endif

#endif
