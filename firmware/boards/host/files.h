/* Files, which only this computer has. */
#ifndef FILES_H
#define FILES_H

#include "recording.h"

/* All bytes of a file; 0 if it cannot be read. */
int file_read(const char *path, struct recording *file);

#endif
