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
typedef int memory_t(void *emulator, uint64_t address, void *bytes, uint64_t size);

enum {
  KNOWN_BLOCKS = 1 << 15, /* a place for each address modulo this, in halfwords */
  WORD_BYTES = 8,         /* what a cache asks of the flash at once */
  MOST_STEPS = 4096,      /* blocks of one segment */
  MOST_SEGMENTS = 1 << 14,
  SLOTS = 2 * MOST_SEGMENTS,
  STEPS = 1 << 18 /* blocks of all distinct segments */
};

/* What is known of a block: its place, and how many instructions it has. */
typedef struct {
  uint32_t address;
  uint16_t bytes, instructions;
  uint32_t if_then;
} block_t;

/* A block that was executed. */
typedef struct {
  uint32_t address, bytes;
} step_t;

/* Blocks one after the other in memory, from the target of a branch to the next taken one. */
typedef struct {
  uint64_t hash, count;
  uint32_t first, length; /* in `steps` */
} segment_t;

typedef struct {
  segment_t segments[MOST_SEGMENTS];
  uint32_t slots[SLOTS]; /* by hash: the number of a segment, from 1 */
  step_t steps[STEPS];   /* of the segments that are kept, then of the one that is executed */
  uint32_t kept, steps_kept, length;
  uint64_t hash;
} trace_t;

/* A line of a cache: which of its words are there. */
typedef struct {
  uint32_t tag, words;
} line_t;

/* Fully associative; the line that was used last comes first. */
typedef struct {
  line_t *lines;
  uint32_t count, line_bytes;
  uint64_t missed; /* words */
} cache_t;

typedef struct {
  uint64_t instructions, reads, writes;
  uint32_t stack_low, stack_high, stack_lowest; /* the stack, and the lowest address touched */
  uint32_t flash_low, flash_high;               /* what is behind the caches */
  block_t *blocks;
  trace_t *trace;             /* null where nothing is priced */
  void (*full)(void);         /* takes all segments out of a trace that has no more room */
  cache_t code, data;         /* without lines where nothing is simulated */
  memory_t *read_memory;      /* uc_mem_read */
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
static void inspect(void *emulator, const counts_t *counts, block_t *block, uint32_t address,
                    uint32_t bytes) {
  uint8_t code[4];
  *block = (block_t){address, (uint16_t)bytes, 0, 0};
  for (uint32_t at = 0; at < bytes; block->instructions++) {
    counts->read_memory(emulator, address + at, code, 2);
    if (!counts->riscv && code[1] == 0xbf && (code[0] & 0xf)) block->if_then = 1;
    at += instruction_bytes(code, counts->riscv);
  }
}

/* Ends the segment that is executed: one more of those with the same blocks. */
void end_segment(counts_t *counts) {
  trace_t *trace = counts->trace;
  if (!trace->length) return;
  uint32_t slot = (uint32_t)(trace->hash >> 32) % SLOTS;
  while (trace->slots[slot] && trace->segments[trace->slots[slot] - 1].hash != trace->hash)
    slot = (slot + 1) % SLOTS;
  if (!trace->slots[slot]) {
    trace->segments[trace->kept] =
        (segment_t){trace->hash, 0, trace->steps_kept, trace->length};
    trace->slots[slot] = ++trace->kept;
    trace->steps_kept += trace->length;
  }
  trace->segments[trace->slots[slot] - 1].count++;
  trace->length = 0;
  trace->hash = 0;
  if (trace->kept == MOST_SEGMENTS || trace->steps_kept > STEPS - MOST_STEPS) counts->full();
}

static void note_step(counts_t *counts, uint32_t address, uint32_t bytes) {
  trace_t *trace = counts->trace;
  if (address != counts->block_end || trace->length == MOST_STEPS) end_segment(counts);
  trace->steps[trace->steps_kept + trace->length++] = (step_t){address, bytes};
  trace->hash = (trace->hash ^ ((uint64_t)address << 16 | bytes)) * 0x9e3779b97f4a7c15u;
  trace->hash ^= trace->hash >> 29;
}

static void fetch_word(cache_t *cache, uint32_t address) {
  uint32_t tag = address / cache->line_bytes;
  uint32_t word = 1u << address % cache->line_bytes / WORD_BYTES;
  line_t *lines = cache->lines, line = {tag, 0};
  uint32_t at = 0, last = cache->count - 1;
  while (at < last && !(lines[at].tag == tag && lines[at].words)) at++;
  if (lines[at].tag == tag) line = lines[at];
  for (; at; at--) lines[at] = lines[at - 1];
  cache->missed += !(line.words & word);
  line.words |= word;
  lines[0] = line;
}

static void fetch(counts_t *counts, cache_t *cache, uint32_t address, uint32_t bytes) {
  if (address < counts->flash_low || address >= counts->flash_high) return;
  for (uint32_t at = address & ~(uint32_t)(WORD_BYTES - 1); at < address + bytes; at += WORD_BYTES)
    fetch_word(cache, at);
}

void count_block(void *emulator, uint64_t address, uint32_t bytes, counts_t *counts) {
  block_t *block = &counts->blocks[address / 2 % KNOWN_BLOCKS];
  if (block->address != address || block->bytes != bytes)
    inspect(emulator, counts, block, (uint32_t)address, bytes);
  counts->instructions += block->instructions;
  counts->if_then = counts->if_then << 1 | block->if_then;
  if (counts->trace) note_step(counts, (uint32_t)address, bytes);
  if (counts->code.lines) fetch(counts, &counts->code, (uint32_t)address, bytes);
  counts->block_end = (uint32_t)address + bytes;
}

void note_instruction(void *emulator, uint64_t address, uint32_t bytes, counts_t *counts) {
  (void)emulator, (void)bytes;
  counts->instruction = (uint32_t)address;
}

/* The count in mid-block, for a program that reads a timer: without what is still to come. */
uint64_t instructions_until_now(void *emulator, const counts_t *counts) {
  uint64_t instructions = counts->instructions + 1;
  uint8_t code[4];
  for (uint32_t at = counts->instruction; at < counts->block_end; instructions--) {
    counts->read_memory(emulator, at, code, 2);
    at += instruction_bytes(code, counts->riscv);
  }
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
    if (counts->data.lines) fetch(counts, &counts->data, (uint32_t)address, (uint32_t)bytes);
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
