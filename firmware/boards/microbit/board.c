/* A BBC micro:bit of the first version, which has an nRF51822: its UART on the pins of the chip
   that makes it a USB serial port, at 115200 baud; TIMER0 counts the core's 16 MHz.

   Registers as in Nordic's nRF51 Series Reference Manual. */
#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define CLOCK_HFCLKSTART REGISTER(0x40000000u)
#define UART_STARTRX REGISTER(0x40002000u)
#define UART_STARTTX REGISTER(0x40002008u)
#define UART_RXDRDY REGISTER(0x40002108u)
#define UART_TXDRDY REGISTER(0x4000211Cu)
#define UART_ENABLE REGISTER(0x40002500u)
#define UART_PSELTXD REGISTER(0x4000250Cu)
#define UART_PSELRXD REGISTER(0x40002514u)
#define UART_RXD REGISTER(0x40002518u)
#define UART_TXD REGISTER(0x4000251Cu)
#define UART_BAUDRATE REGISTER(0x40002524u)
#define TIMER_START REGISTER(0x40008000u)
#define TIMER_CAPTURE REGISTER(0x40008040u)
#define TIMER_BITMODE REGISTER(0x40008508u)
#define TIMER_PRESCALER REGISTER(0x40008510u)
#define TIMER_CC REGISTER(0x40008540u)
#define GPIO_OUTSET REGISTER(0x50000508u)
#define GPIO_DIRSET REGISTER(0x50000518u)

enum { PIN_TX = 24, PIN_RX = 25, BAUD_115200 = 0x01D7E000 };

const char board_tick_unit[] = "cycles";

void board_init(void) {
  CLOCK_HFCLKSTART = 1; /* the crystal: the oscillator that it starts with is not exact enough */
  GPIO_OUTSET = 1u << PIN_TX;
  GPIO_DIRSET = 1u << PIN_TX;
  UART_PSELTXD = PIN_TX;
  UART_PSELRXD = PIN_RX;
  UART_BAUDRATE = BAUD_115200;
  UART_ENABLE = 4;
  UART_STARTTX = 1;
  UART_STARTRX = 1;
  TIMER_BITMODE = 3; /* 32 bits */
  TIMER_PRESCALER = 0;
  TIMER_START = 1;
}

void board_write(const char *text) {
  for (; *text; text++) {
    UART_TXDRDY = 0;
    UART_TXD = (uint8_t)*text;
    while (!UART_TXDRDY) {
    }
  }
}

int board_read(void) {
  while (!UART_RXDRDY) {
  }
  UART_RXDRDY = 0; /* before the byte: taking it may bring the next */
  return (uint8_t)UART_RXD;
}

uint32_t board_ticks(void) {
  TIMER_CAPTURE = 1;
  return TIMER_CC;
}

__attribute__((noreturn)) void board_exit(int status) {
  (void)status; /* the last line that was printed has it */
  for (;;) {
  }
}
