/* Instructions from a CMSDK timer that an emulator drives with its instruction count.

   QEMU's `-icount shift=6` makes an instruction 64 ns of virtual time. The timer counts periods of
   the board's clock, rounded down, so instructions = ticks * period / 64 ns, rounded up.
   tinybench's own emulator counts in the same way. */
#ifndef CMSDK_TIMER_H
#define CMSDK_TIMER_H

#include <stdint.h>

/* So many ticks are so many instructions. QEMU's mps2-an505, which has the Cortex-M33, has a clock
   of 20 MHz: 32 ticks of 50 ns are 25 instructions of 64 ns. Its other boards have 25 MHz. */
#if defined(__ARM_ARCH_8M_MAIN__)
#define TIMER_TICKS 32u
#define TIMER_INSTRUCTIONS 25u
#else
#define TIMER_TICKS 8u
#define TIMER_INSTRUCTIONS 5u
#endif

/* At the address that the linker script gives to `timer`. */
extern volatile struct {
  uint32_t control, value, reload;
} timer;

static inline void timer_start(void) {
  timer.control = 0;
  timer.reload = UINT32_MAX;
  timer.value = UINT32_MAX;
  timer.control = 1;
}

/* Instructions since timer_start(), modulo 2^32. */
static inline uint32_t timer_instructions(void) {
  static uint32_t last, rest, instructions; /* ticks, ticks, instructions */
  uint32_t now = UINT32_MAX - timer.value;  /* it counts down */
  /* In 32 bits: the compiler's 64-bit multiplication is not to be in every image. */
  uint32_t ticks = now - last + rest;
  instructions += ticks / TIMER_TICKS * TIMER_INSTRUCTIONS;
  rest = ticks % TIMER_TICKS;
  last = now;
  return instructions + (rest * TIMER_INSTRUCTIONS + TIMER_TICKS - 1) / TIMER_TICKS;
}

#endif
