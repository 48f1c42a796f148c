/* The gesture pipeline as a program for boards: a reading in, what it led to out, stages as
   operators. Compiled with firmware/pipeline; program.py mirrors the layout of the arena. */
#include "gesture.h"
#include "stream.h"

static struct {
  int16_t reading[3];
  int16_t unused;
  struct stream_answer answer;
  struct tb_gesture state;
} *const io = (void *)stream_arena;

STREAM_CHECK(sizeof io->state);
uint8_t stream_arena[sizeof *io] __attribute__((aligned(16)));

static void append(void) {
  if (io->answer.restart) tb_gesture_reset(&io->state);
  tb_gesture_append(&io->state, io->reading);
}
static void infer(void) { io->answer.inferred = (uint32_t)tb_gesture_infer(&io->state); }
static void decide(void) { (void)tb_gesture_decide(&io->state); }

void (*const stream_operators[])(void) = {append, infer, decide};

STREAM_INVOKE
