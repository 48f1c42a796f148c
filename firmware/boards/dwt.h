/* Cycles of a Cortex-M3 or later, from the counter of its debugging unit.

   Arm's Architecture Reference Manuals of v7-M and v8-M, "Data Watchpoint and Trace unit". A core
   or an emulator without the counter reads zero. */
#ifndef DWT_H
#define DWT_H

#include <stdint.h>

#define DEMCR (*(volatile uint32_t *)0xE000EDFCu)
#define DWT_CTRL (*(volatile uint32_t *)0xE0001000u)
#define DWT_CYCCNT (*(volatile uint32_t *)0xE0001004u)

static inline void dwt_start(void) {
  DEMCR |= 1u << 24; /* the unit is on */
  DWT_CYCCNT = 0;
  DWT_CTRL |= 1u; /* and counts */
}

static inline uint32_t dwt_cycles(void) { return DWT_CYCCNT; }

#endif
