/* Runs the samples that samples.h holds and prints what comes out, on an ATmega328P.
 *
 * Lines on the serial port: `O` and hexadecimal bytes of outputs, `C` and the cycles of a call,
 * low 16 bits and units of 1024, `E` at the end. Timer 1 counts without interrupts, so nothing
 * adds to what it measures: a call is timed once at the clock and once at a 1024th of it. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/sleep.h>
#include <string.h>

#include "samples.h"

enum { LINE_BYTES = 32, FINE = 1, COARSE = 5, BAUD_115200 = 8 };

static uint8_t printed;

static void put(char letter) {
    while (!(UCSR0A & (1 << UDRE0))) {
    }
    UDR0 = (uint8_t)letter;
}

static void put_byte(uint8_t value) {
    static const char digits[] PROGMEM = "0123456789abcdef";
    put((char)pgm_read_byte(&digits[value >> 4]));
    put((char)pgm_read_byte(&digits[value & 15]));
}

static void put_word(uint16_t value) {
    put_byte((uint8_t)(value >> 8));
    put_byte((uint8_t)value);
}

static void put_output(const uint8_t *data, uint16_t size) {
    for (uint16_t at = 0; at < size; at++) {
        if (printed == 0) {
            put('O');
        }
        put_byte(data[at]);
        if (++printed == LINE_BYTES) {
            put('\n');
            printed = 0;
        }
    }
}

static void load(uint16_t sample) {
    const uint8_t *from = samples + (uint16_t)(sample * SAMPLE_BYTES);
    LOAD(from)
}

static uint16_t timed(void (*call)(void), uint8_t clock) {
    TCCR1B = clock;
    TCNT1 = 0;
    TIFR1 = 1 << TOV1;
    call();
    return TCNT1;
}

static void nothing(void) {}

/* Every call is by a pointer that the compiler does not know, as the empty one is. */
static void (*volatile called)(void);

static void measure(void (*call)(void)) {
    called = nothing;
    uint16_t empty = timed(called, FINE);
    called = call;
    RESET();
    load(0);
    uint16_t fine = timed(called, FINE);
    RESET();
    load(0);
    uint16_t coarse = timed(called, COARSE);
    put('C');
    put_word(fine - empty);
    put_word(coarse);
    put_byte(TIFR1 & (1 << TOV1));
    put('\n');
}

int main(void) {
    UBRR0 = BAUD_115200;
    UCSR0B = 1 << TXEN0;
    memset(ARENA, 0xA5, ARENA_BYTES);
    if (MEASURED) {
        measure(INVOKE);
    } else {
        for (uint16_t sample = 0; sample < SAMPLES; sample++) {
            if (sample == 0 || CLEARED) {
                RESET();
            }
            load(sample);
            INVOKE();
            STORE
        }
    }
    put('\n');
    put('E');
    put('\n');
    while (!(UCSR0A & (1 << UDRE0))) {
    }
    cli();
    sleep_enable();
    sleep_cpu();
    return 0;
}
