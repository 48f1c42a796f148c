/* A program for Linux around models: requests on standard input, answers on standard output.

   A request is four words: what to do, with which model, for how many samples or rounds, and for
   how many ms at most. RUN is followed by the samples, and answered by their outputs; TIME is
   followed by one sample, and answered by the number of rounds and, a round, nanoseconds of the
   whole inference and of each operator. The first argument is the number of seconds after which
   the program ends itself, whatever became of who started it. */
#include "kernel.h"
#include "models.h"

enum { RUN = 1, TIME = 2, POISON = 0xA5, WORDS = 4, WARM_UP = 2, LEAST_ROUNDS = 5 };
enum { OK = 0, CUT_OFF = 3, NO_MODEL = 4, NO_MEMORY = 5 };
enum { INTERRUPTED = -4, MONOTONIC = 1, READ_WRITE = 3, PRIVATE_ANONYMOUS = 0x22 };

static _Noreturn void leave(long status) {
  for (;;) (void)kernel(EXIT, status, 0, 0, 0, 0, 0);
}

/* All the bytes from standard input, or to standard output; whether it was all. */
static int moved(long call, long file, uintptr_t at, size_t size) {
  while (size != 0) {
    const long done = kernel(call, file, (long)at, (long)size, 0, 0, 0);
    if (done == INTERRUPTED) continue;
    if (done <= 0) return 0;
    at += (size_t)done;
    size -= (size_t)done;
  }
  return 1;
}

static void get(void *bytes, size_t size) {
  if (!moved(READ, 0, (uintptr_t)bytes, size)) leave(CUT_OFF);
}

static void put(const void *bytes, size_t size) {
  if (!moved(WRITE, 1, (uintptr_t)bytes, size)) leave(CUT_OFF);
}

/* Memory of zeros until the program ends. */
static void *memory(size_t size) {
  const long at = kernel(MAP, 0, (long)size, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0);
  if (at < 0 && at > -4096) leave(NO_MEMORY);
  return (void *)at;
}

static void reset(const struct model *model) {
  if (model->reset != NULL) model->reset();
}

static void poison(const struct model *model) {
  __builtin_memset(model->arena, POISON, model->arena_bytes);
  if (model->state_bytes != 0) __builtin_memset(model->state, POISON, model->state_bytes);
  reset(model);
}

static void run(const struct model *model, uint32_t samples) {
  poison(model);
  for (uint32_t sample = 0; sample < samples; sample++) {
    if (model->cleared) reset(model);
    for (uint32_t i = 0; i < model->input_count; i++)
      get(model->arena + model->inputs[i].offset, model->inputs[i].bytes);
    model->invoke();
    for (uint32_t i = 0; i < model->output_count; i++)
      put(model->arena + model->outputs[i].offset, model->outputs[i].bytes);
    if (model->overruns != NULL) put(model->overruns, sizeof *model->overruns);
  }
}

static uint64_t now(void) {
  long time[2] = {0, 0};
  (void)kernel(CLOCK, MONOTONIC, (long)(uintptr_t)time, 0, 0, 0, 0);
  return (uint64_t)time[0] * 1000000000u + (uint64_t)time[1];
}

static void load(const struct model *model, const uint8_t *sample) {
  reset(model);
  for (uint32_t i = 0; i < model->input_count; i++) {
    __builtin_memcpy(model->arena + model->inputs[i].offset, sample, model->inputs[i].bytes);
    sample += model->inputs[i].bytes;
  }
}

static void timed_round(const struct model *model, const uint8_t *sample, uint64_t *times) {
  load(model, sample);
  uint64_t before = now();
  model->invoke();
  *times++ = now() - before;
  load(model, sample);
  for (uint32_t i = 0; i < model->operator_count; i++) {
    before = now();
    model->operators[i]();
    *times++ = now() - before;
  }
}

static void measure(const struct model *model, uint32_t most_rounds, uint32_t most_ms) {
  size_t bytes = 0, columns = (size_t)model->operator_count + 1;
  for (uint32_t i = 0; i < model->input_count; i++) bytes += model->inputs[i].bytes;
  uint8_t *sample = memory(bytes + 1);
  uint64_t *times = memory(((size_t)most_rounds + 1) * columns * sizeof *times);
  get(sample, bytes);
  poison(model);
  for (int i = 0; i < WARM_UP; i++) timed_round(model, sample, times);
  uint64_t end = now() + (uint64_t)most_ms * 1000000u;
  uint32_t rounds = 0;
  while (rounds < most_rounds && (rounds < LEAST_ROUNDS || now() < end))
    timed_round(model, sample, times + columns * rounds++);
  put(&rounds, sizeof rounds);
  put(times, rounds * columns * sizeof *times);
}

/* Digits only; what is none ends the number. */
static long number(const char *text) {
  long value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
  return value;
}

static void end_after(long seconds) {
  const long timer[4] = {0, 0, seconds, 0};
  (void)kernel(TIMER, 0, (long)(uintptr_t)timer, 0, 0, 0, 0);
}

/* The stack as the kernel leaves it: the number of arguments, then the arguments. */
__attribute__((used)) static _Noreturn void serve(const uintptr_t *stack) {
  uint32_t request[WORDS];
  if (stack[0] > 1) end_after(number((const char *)stack[2]));
  while (moved(READ, 0, (uintptr_t)request, sizeof request)) {
    if (request[1] >= model_count) leave(NO_MODEL);
    const struct model *model = &models[request[1]];
    if (request[0] == RUN) run(model, request[2]);
    if (request[0] == TIME) measure(model, request[2], request[3]);
  }
  leave(OK);
}

#if defined(__aarch64__)
__asm__(".globl _start\n_start: mov x0, sp\n b serve\n");
#elif defined(__arm__)
__asm__(".globl _start\n.thumb_func\n_start: mov r0, sp\n b serve\n");
#else
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call serve\n");
#endif
