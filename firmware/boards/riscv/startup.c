/* From reset to main() on RV32: stack pointer, .data and .bss. */
#include <stdint.h>

#include "board.h"

int main(void);
__attribute__((noreturn)) void start(void);
__attribute__((noreturn)) void fault(void);

/* The linker script's. */
extern uint32_t data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_load[];

/* Before C can run: a trap handler and a stack. */
__asm__(
    ".section .start, \"ax\"\n"
    ".global _start\n"
    ".type _start, @function\n"
    "_start:\n"
    "  la t0, fault\n"
    "  csrw mtvec, t0\n"
    "  la sp, stack_top\n"
    "  j start\n"
    ".size _start, . - _start\n"
    ".text\n");

/* mtvec's two lowest bits are a mode. */
__attribute__((aligned(4), noreturn)) void fault(void) {
  board_write("fault: the processor took an exception\n");
  board_exit(70);
}

__attribute__((noreturn)) void start(void) {
  const uint32_t *from = data_load;
  for (uint32_t *to = data_start; to < data_end;) *to++ = *from++;
  for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
  board_exit(main());
}
