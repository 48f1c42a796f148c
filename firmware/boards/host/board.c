/* This computer: standard input and output, and the monotonic clock. */
#define _POSIX_C_SOURCE 199309L
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const char board_tick_unit[] = "ns";

void board_init(void) {}

void board_write(const char *text) { (void)fputs(text, stdout); }

int board_read(void) {
  (void)fflush(stdout); /* who would send the next byte may wait for an answer */
  int byte = getchar();
  return byte == EOF ? -1 : byte;
}

uint32_t board_ticks(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint32_t)((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec);
}

__attribute__((noreturn)) void board_exit(int status) { exit(status); }
