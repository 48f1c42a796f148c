/* An STM32VLDISCOVERY, which has an STM32F100: USART1 on PA9 and PA10 at 115200 baud.

   The clock is the internal oscillator of 8 MHz that it starts with: flash has no wait states.
   Registers as in ST's RM0041. */
#include "board.h"

#include "dwt.h"
#include "stm32_usart.h"

#define RCC_APB2ENR (*(volatile uint32_t *)0x40021018u)
#define GPIOA_CRH (*(volatile uint32_t *)0x40010804u)
#define USART1 ((stm32_usart_t *)0x40013800u)

enum { CLOCK_HZ = 8000000, BAUD = 115200 };

const char board_tick_unit[] = "cycles";

void board_init(void) {
  RCC_APB2ENR |= 1u << 2 | 1u << 14; /* GPIOA, USART1 */
  GPIOA_CRH = (GPIOA_CRH & ~0xFF0u) | 0x4B0u; /* pin 9 is the USART's output, pin 10 an input */
  stm32_usart_start(USART1, CLOCK_HZ, BAUD);
  dwt_start();
}

void board_write(const char *text) { stm32_usart_write(USART1, text); }

int board_read(void) { return stm32_usart_read(USART1); }

uint32_t board_ticks(void) { return dwt_cycles(); }

__attribute__((noreturn)) void board_exit(int status) {
  (void)status; /* the last line that was printed has it */
  for (;;) {
  }
}
