/* One measurement a line: `tinybench: {"metric": "…", "value": …, "unit": "…", …}`. */
#ifndef REPORT_H
#define REPORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void report_number(const char *metric, uint32_t value, const char *unit);
void report_text(const char *metric, const char *value, const char *unit);

/* More keys of the line just begun. */
void report_number_key(const char *key, uint32_t value);
void report_text_key(const char *key, const char *value);

void report_end(void);

#ifdef __cplusplus
}
#endif

#endif
