/* memcpy and memset. */
#ifndef TB_MEMORY_H
#define TB_MEMORY_H

#include <stddef.h>

#if defined(__cplusplus) && __STDC_HOSTED__
#include <string.h> /* C++ libraries declare these two in ways of their own */
#else
/* Declared here because a freestanding compiler has no <string.h>; the linker has both. */
#ifdef __cplusplus
extern "C" {
#endif
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
#ifdef __cplusplus
}
#endif
#endif

#endif
