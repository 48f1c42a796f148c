/* The program around a model whose size and speed are measured: as little as boots and waits.

   tinybench's own emulator stops at main() and calls the model's functions itself. Elsewhere (QEMU)
   main() does the same on request: a file of commands comes in, a file of answers goes out. */
#include <stdint.h>

#include "board.h"
#include "semihosting.h"

enum { POKE = 1, PEEK = 2, CALL = 3 };

/* One command: what to do, where in memory, with how many bytes. The bytes of a POKE follow. */
typedef struct {
  uint32_t what, address, bytes;
} command_t;

static uint32_t open_file(const char *name, uint32_t length, uint32_t mode) {
  const struct {
    const char *name;
    uint32_t mode, length;
  } arguments = {name, mode, length};
  return semihost(SYS_OPEN, &arguments);
}

/* SYS_READ and SYS_WRITE return how many bytes were *not* transferred. */
static uint32_t transfer(uint32_t operation, uint32_t file, uint32_t address, uint32_t bytes) {
  const uint32_t arguments[3] = {file, address, bytes};
  return semihost(operation, arguments);
}

/* Instructions of one call, with a constant number around it. */
__attribute__((noinline)) static uint32_t timed_call(void (*function)(void)) {
  uint32_t before = board_ticks();
  function();
  return board_ticks() - before;
}

/* Its only instruction is the return: what is more in timed_call() surrounds every call. */
static void nothing(void) {}

int main(void) {
  board_init();
  uint32_t around = timed_call(nothing) - 1;
  uint32_t in = open_file("commands", 8, OPEN_READ_BINARY);
  uint32_t out = open_file("answers", 7, OPEN_WRITE_BINARY);
  command_t command;
  while (transfer(SYS_READ, in, (uint32_t)(uintptr_t)&command, sizeof command) == 0) {
    if (command.what == POKE) {
      (void)transfer(SYS_READ, in, command.address, command.bytes);
    } else if (command.what == PEEK) {
      (void)transfer(SYS_WRITE, out, command.address, command.bytes);
    } else if (command.what == CALL) {
      uint32_t ticks = timed_call((void (*)(void))(uintptr_t)command.address) - around;
      (void)transfer(SYS_WRITE, out, (uint32_t)(uintptr_t)&ticks, sizeof ticks);
    }
  }
  (void)transfer(SYS_CLOSE, out, 0, 0);
  return 0;
}
