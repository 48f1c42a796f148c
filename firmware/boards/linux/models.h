/* The models of a program for Linux: a table that is written when it is built. */
#ifndef MODELS_H
#define MODELS_H

#include <stddef.h>
#include <stdint.h>

struct place {
  uint32_t offset, bytes;
};

struct model {
  uint8_t *arena;
  uint32_t arena_bytes;
  uint8_t *state;
  uint32_t state_bytes;
  uint32_t cleared;
  const uint32_t *overruns;
  void (*reset)(void);
  void (*invoke)(void);
  void (*const *operators)(void);
  uint32_t operator_count;
  const struct place *inputs;
  uint32_t input_count;
  const struct place *outputs;
  uint32_t output_count;
};

extern const struct model models[];
extern const uint32_t model_count;

#endif
