/* Instructions from a CMSDK timer that an emulator drives with its instruction count.

   QEMU's `-icount shift=6` makes an instruction 64 ns of virtual time. The timer counts periods of
   the board's clock, rounded down, so instructions = ticks * period / 64 ns, rounded up.
   tinybench's own emulator counts in the same way. */
#ifndef CMSDK_TIMER_H
#define CMSDK_TIMER_H

#include <stdint.h>

/* The clocks of QEMU's boards: 20 MHz on mps2-an505, which has the Cortex-M33, 25 MHz on others. */
#if defined(__ARM_ARCH_8M_MAIN__)
#define TIMER_PERIOD_NS 50u
#else
#define TIMER_PERIOD_NS 40u
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
  static uint32_t last;
  static uint64_t total; /* ticks: the timer itself wraps at another multiple than the result */
  uint32_t now = UINT32_MAX - timer.value; /* it counts down */
  total += now - last;
  last = now;
  return (uint32_t)((total * TIMER_PERIOD_NS + 63) / 64);
}

#endif
