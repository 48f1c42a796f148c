/* Declared here because a freestanding compiler has no <string.h>; the linker has both. */
#ifndef TB_MEMORY_H
#define TB_MEMORY_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

#endif
