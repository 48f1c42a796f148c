/* The USART of STM32F1, F2 and F4: eight bits, no parity, one stop bit.

   ST's reference manuals RM0041 and RM0090, "USART registers". The caller has given it a clock and
   its pins. */
#ifndef STM32_USART_H
#define STM32_USART_H

#include <stdint.h>

typedef struct {
  volatile uint32_t status, data, baud_rate, control1;
} stm32_usart_t;

enum { USART_RECEIVED = 1 << 5, USART_WRITABLE = 1 << 7 };
enum { USART_RECEIVE = 1 << 2, USART_TRANSMIT = 1 << 3, USART_ENABLE = 1 << 13 };

static inline void stm32_usart_start(stm32_usart_t *usart, uint32_t clock_hz, uint32_t baud) {
  usart->baud_rate = (clock_hz + baud / 2) / baud;
  usart->control1 = USART_ENABLE | USART_TRANSMIT | USART_RECEIVE;
}

static inline void stm32_usart_write(stm32_usart_t *usart, const char *text) {
  for (; *text; text++) {
    while (!(usart->status & USART_WRITABLE)) {
    }
    usart->data = (uint8_t)*text;
  }
}

static inline int stm32_usart_read(stm32_usart_t *usart) {
  while (!(usart->status & USART_RECEIVED)) {
  }
  return (uint8_t)usart->data;
}

#endif
