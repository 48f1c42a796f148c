/* A RISC-V processor in an emulator: semihosting, and a timer that counts instructions. */
#include "board.h"

#include "cmsdk_timer.h"
#include "semihosting.h"

const char board_tick_unit[] = "instructions";

void board_init(void) { timer_start(); }

void board_write(const char *text) { (void)semihost(SYS_WRITE0, text); }

uint32_t board_ticks(void) { return timer_instructions(); }

__attribute__((noreturn)) void board_exit(int status) { semihost_exit(status); }
