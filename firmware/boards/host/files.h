/* Files, which only this computer has. */
#ifndef FILES_H
#define FILES_H

#include "recording.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All bytes of a file; 0 if it cannot be read. */
int file_read(const char *path, struct recording *file);

#ifdef __cplusplus
}
#endif

#endif
