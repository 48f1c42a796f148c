/* Semihosting: how a program without drivers asks the emulator (or a debugger) to print or exit.

   Arm's "Semihosting for AArch32 and AArch64"; RISC-V's "Semihosting" takes the same operations. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

enum {
  SYS_OPEN = 0x01,
  SYS_CLOSE = 0x02,
  SYS_WRITE0 = 0x04,
  SYS_WRITE = 0x05,
  SYS_READ = 0x06,
  SYS_EXIT_EXTENDED = 0x20
};

enum { OPEN_READ_BINARY = 1, OPEN_WRITE_BINARY = 5 };

/* What SYS_EXIT_EXTENDED takes first: the program ended by itself. */
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

/* One request. The argument is a string or a block of words, as the operation says. */
static inline uint32_t semihost(uint32_t operation, const void *argument) {
#if defined(__riscv)
  register uint32_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = argument;
  /* The three instructions are the signature; none may be compressed. */
  __asm__ volatile(
      ".option push\n.option norvc\n"
      ".balign 16\n"
      "slli x0, x0, 0x1f\n"
      "ebreak\n"
      "srai x0, x0, 7\n"
      ".option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return a0;
#else
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
#endif
}

/* End the program with this status. */
static inline __attribute__((noreturn)) void semihost_exit(int status) {
  const uint32_t arguments[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status};
  (void)semihost(SYS_EXIT_EXTENDED, arguments);
  for (;;) {
  }
}

#endif
