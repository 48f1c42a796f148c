/* Counting hooks for the emulator, in C because they are called for every basic block and access.

   Compiled for the host as a shared library without libc; the worker hands their addresses to the
   emulator. `counts_t` is mirrored by worker.py. */
#include <stdint.h>

enum {
  MEMORY_READ = 16, /* UC_MEM_READ; every other type that is hooked is a write */
  CPSR = 3,         /* UC_ARM_REG_CPSR */
  PC = 11           /* UC_ARM_REG_PC */
};

/* The state of Thumb's if-then blocks in the CPSR: bits 26:25 and 15:10. */
#define IF_THEN 0x0600fc00u

typedef int access_t(void *emulator, int register_, void *value);
typedef int stop_t(void *emulator);

/* What is known of a block: its length in bytes, and how many instructions that is. */
typedef struct {
  uint16_t bytes;
  uint8_t instructions, if_then;
} block_t;

typedef struct {
  uint64_t instructions, reads, writes;
  uint32_t stack_low, stack_high, stack_lowest; /* the stack, and the lowest address touched */
  uint32_t code_base;                           /* where `code` stands in the board's memory */
  const uint8_t *code;
  block_t *blocks;  /* one for each halfword of the code */
  access_t *read_register, *write_register; /* uc_reg_read and uc_reg_write */
  stop_t *stop;                             /* uc_emu_stop */
  uint32_t riscv;   /* how instruction lengths are told apart */
  uint32_t if_then; /* the lowest bit is for this block, the next one for the one before it */
  uint32_t aligned_only;              /* whether the processor refuses unaligned accesses */
  uint32_t unaligned_at, unaligned_by; /* address and instruction of the first one */
  uint32_t block_end, instruction; /* where the block ends, and the instruction that runs */
} counts_t;

static uint32_t instruction_bytes(const uint8_t *at, uint32_t riscv) {
  if (riscv) return (at[0] & 3) == 3 ? 4 : 2;
  return at[1] >= 0xe8 ? 4 : 2; /* Thumb: 11101, 11110 and 11111 begin 32 bits */
}

/* A block runs from its first instruction to its last, so its bytes say how many there are. One
   whose condition is false counts too, as in QEMU: a processor takes a cycle for it. */
static block_t inspect(const counts_t *counts, const uint8_t *code, uint32_t bytes) {
  block_t block = {(uint16_t)bytes, 0, 0};
  for (const uint8_t *at = code; at < code + bytes; block.instructions++) {
    if (!counts->riscv && at[1] == 0xbf && (at[0] & 0xf)) block.if_then = 1;
    at += instruction_bytes(at, counts->riscv);
  }
  return block;
}

void count_block(void *emulator, uint64_t address, uint32_t bytes, counts_t *counts) {
  (void)emulator;
  uint32_t offset = (uint32_t)address - counts->code_base;
  block_t *block = &counts->blocks[offset / 2];
  if (block->bytes != bytes) *block = inspect(counts, counts->code + offset, bytes);
  counts->instructions += block->instructions;
  counts->if_then = counts->if_then << 1 | block->if_then;
  counts->block_end = (uint32_t)address + bytes;
}

void note_instruction(void *emulator, uint64_t address, uint32_t bytes, counts_t *counts) {
  (void)emulator, (void)bytes;
  counts->instruction = (uint32_t)address;
}

/* The count in mid-block, for a program that reads a timer: without what is still to come. */
uint64_t instructions_until_now(const counts_t *counts) {
  uint64_t instructions = counts->instructions + 1;
  for (uint32_t at = counts->instruction; at < counts->block_end; instructions--)
    at += instruction_bytes(counts->code + (at - counts->code_base), counts->riscv);
  return instructions;
}

/* Unicorn 2.1 writes the if-then state to the processor before it calls this, for a program
   counter that is exact, and leaves it there: later blocks would begin as conditional ones. */
static void forget_if_then(void *emulator, const counts_t *counts) {
  uint32_t cpsr = 0;
  counts->read_register(emulator, CPSR, &cpsr);
  if (!(cpsr & IF_THEN)) return;
  cpsr &= ~IF_THEN;
  counts->write_register(emulator, CPSR, &cpsr);
}

void count_access(void *emulator, int type, uint64_t address, int bytes, int64_t value,
                  counts_t *counts) {
  (void)value;
  if (type == MEMORY_READ) {
    counts->reads++;
  } else {
    counts->writes++;
  }
  if (address >= counts->stack_low && address < counts->stack_lowest &&
      address < counts->stack_high)
    counts->stack_lowest = (uint32_t)address;
  if (counts->if_then & 3) forget_if_then(emulator, counts);
  if (counts->aligned_only && (address & (uint32_t)(bytes - 1)) && !counts->unaligned_by) {
    counts->unaligned_at = (uint32_t)address;
    counts->read_register(emulator, PC, &counts->unaligned_by);
    counts->stop(emulator);
  }
}
