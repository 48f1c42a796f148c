/* What a program needs of the board that it runs on; one implementation a board in boards/. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Prepare output and the tick counter; the first call of main(). */
void board_init(void);

/* Print a string that ends in zero, as it is. */
void board_write(const char *text);

/* Wait for the next byte that comes in; -1 when no more can come. Only harness.c needs it. */
int board_read(void);

/* Ticks since board_init(), modulo 2^32: the difference of two values is exact across a wrap.
   Call it at least every 2^31 ticks. */
uint32_t board_ticks(void);

/* What a tick is, for people: "instructions", "ns", "cycles". */
extern const char board_tick_unit[];

/* End the program with an exit status; never returns. */
__attribute__((noreturn)) void board_exit(int status);

#ifdef __cplusplus
}
#endif

#endif
