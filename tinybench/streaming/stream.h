/* What the programs for boards have in common. */
#ifndef STREAM_H
#define STREAM_H

#include <stdint.h>

struct stream_answer {
  uint32_t restart;  /* in: begin anew before this input */
  uint32_t inferred; /* out: whether the net ran */
};

extern uint8_t stream_arena[];
extern void (*const stream_operators[])(void);
void stream_invoke(void);

/* STREAM_STATE_BYTES is what Python takes the state for. */
#define STREAM_CHECK(bytes) \
  extern const char stream_check[(bytes) == STREAM_STATE_BYTES ? 1 : -1]

#define STREAM_INVOKE                                                                       \
  void stream_invoke(void) {                                                                \
    for (unsigned i = 0; i < sizeof stream_operators / sizeof *stream_operators; i++)       \
      stream_operators[i]();                                                                \
  }

#endif
