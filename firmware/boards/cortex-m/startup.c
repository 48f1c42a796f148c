/* From reset to main() on a Cortex-M: vector table, FPU, .data and .bss. */
#include <stdint.h>

#include "board.h"

int main(void);
/* The name that every linker looks for. */
__attribute__((noreturn)) void _start(void);

/* The linker script's. */
extern uint32_t stack_top[], data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_load[];

#define CPACR (*(volatile uint32_t *)0xE000ED88u)

static __attribute__((noreturn)) void fault(void) {
  board_write("fault: the processor took an exception\n");
  board_exit(70);
}

__attribute__((noreturn)) void _start(void) {
#if defined(__ARM_FP)
  CPACR |= 0xFu << 20; /* full access to CP10 and CP11, before the first FPU instruction */
  __asm__ volatile("dsb\nisb" ::: "memory");
#endif
  const uint32_t *from = data_load;
  for (uint32_t *to = data_start; to < data_end;) *to++ = *from++;
  for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
  board_exit(main());
}

/* Sixteen entries: the stack pointer, then the exceptions of the architecture. */
__attribute__((section(".vectors"), used)) static const struct {
  uint32_t *stack;
  void (*exceptions[15])(void);
} vectors = {stack_top, {_start, fault, fault, fault, fault, fault, fault, fault, fault, fault,
                         fault, fault, fault, fault, fault}};
