/* A Netduino Plus 2, which has an STM32F405: USART1 on PA9 and PA10 at 115200 baud.

   The clock is the internal oscillator of 16 MHz that it starts with: flash has no wait states.
   Registers as in ST's RM0090. */
#include "board.h"

#include "dwt.h"
#include "stm32_usart.h"

#define RCC_AHB1ENR (*(volatile uint32_t *)0x40023830u)
#define RCC_APB2ENR (*(volatile uint32_t *)0x40023844u)
#define GPIOA_MODER (*(volatile uint32_t *)0x40020000u)
#define GPIOA_AFRH (*(volatile uint32_t *)0x40020024u)
#define USART1 ((stm32_usart_t *)0x40011000u)

enum { CLOCK_HZ = 16000000, BAUD = 115200 };

const char board_tick_unit[] = "cycles";

void board_init(void) {
  RCC_AHB1ENR |= 1u << 0; /* GPIOA */
  RCC_APB2ENR |= 1u << 4; /* USART1 */
  GPIOA_AFRH = (GPIOA_AFRH & ~0xFF0u) | 0x770u; /* pins 9 and 10 are function 7, the USART's */
  GPIOA_MODER = (GPIOA_MODER & ~(0xFu << 18)) | 0xAu << 18;
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
