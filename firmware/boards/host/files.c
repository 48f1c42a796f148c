#include "files.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST (1L << 30)

/* Of the file that was read last. */
static uint8_t *bytes;

int file_read(const char *path, struct recording *file) {
  FILE *stream = fopen(path, "rb");
  long size = -1;
  free(bytes);
  bytes = NULL;
  if (stream == NULL) return 0;
  if (fseek(stream, 0, SEEK_END) == 0) size = ftell(stream);
  if (size >= 0 && size < MOST && fseek(stream, 0, SEEK_SET) == 0) {
    bytes = malloc((size_t)size + 1);
    if (bytes != NULL && fread(bytes, 1, (size_t)size, stream) != (size_t)size) {
      free(bytes);
      bytes = NULL;
    }
  }
  (void)fclose(stream);
  file->bytes = bytes;
  file->size = bytes == NULL ? 0 : (uint32_t)size;
  return bytes != NULL;
}
