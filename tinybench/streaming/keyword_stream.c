/* The keyword pipeline as a program for boards: a hop in, what it led to out, stages as operators.
   Compiled with firmware/pipeline; program.py mirrors the layout of the arena. */
#include "keyword.h"
#include "stream.h"

static struct {
  int16_t hop[TB_AUDIO_HOP];
  struct stream_answer answer;
  struct tb_keyword state;
} *const io = (void *)stream_arena;

STREAM_CHECK(sizeof io->state);
uint8_t stream_arena[sizeof *io] __attribute__((aligned(16)));

static void window(void) {
  if (io->answer.restart) tb_keyword_reset(&io->state);
  tb_keyword_window(&io->state, io->hop);
}
static void transform(void) { tb_keyword_transform(&io->state); }
static void filter(void) { tb_keyword_filter(&io->state); }
static void reduce_noise(void) { tb_keyword_reduce_noise(&io->state); }
static void gain(void) { tb_keyword_gain(&io->state); }
static void append(void) { tb_keyword_append(&io->state); }
static void infer(void) { io->answer.inferred = (uint32_t)tb_keyword_infer(&io->state); }
static void decide(void) { (void)tb_keyword_decide(&io->state); }

void (*const stream_operators[])(void) = {
    window, transform, filter, reduce_noise, gain, append, infer, decide,
};

STREAM_INVOKE
