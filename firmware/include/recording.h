/* Recordings in memory: 16-bit mono WAV files at 16 kHz, and CSV files of whole numbers x,y,z. */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct recording {
  const uint8_t *bytes;
  uint32_t size;
};

/* Where the samples are, their bytes in little-endian order; 0 if it is no such file. */
int recording_samples(const struct recording *file, struct recording *samples);

/* The next line's three numbers; `file` then is what follows it. 0 at the end, -1 for a line that
   has no three numbers in 16 bits. A header, a first line that begins with a letter, is passed
   over by recording_header(). */
void recording_header(struct recording *file);
int recording_reading(struct recording *file, int16_t reading[3]);

#ifdef __cplusplus
}
#endif

#endif
