/* What all kernels share: types of arena memory, and small arithmetic.
 *
 * Buffers of the arena hold other types at other times, so accesses wider than a byte go through
 * types that may alias. */
#ifndef TB_TYPES_H
#define TB_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus) && __STDC_HOSTED__
#include <string.h> /* C++ libraries declare these two in ways of their own */
#else
/* Declared here because a freestanding compiler has no <string.h>; the linker has both. */
#ifdef __cplusplus
extern "C" {
#endif
void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
#ifdef __cplusplus
}
#endif
#endif

#if defined(__GNUC__)
#define TB_MAY_ALIAS __attribute__((__may_alias__))
#define TB_ALIGN(bytes) __attribute__((aligned(bytes)))
/* A kernel is compiled once, for any parameters: its size and speed do not depend on how many
 * operators call it. Without `used`, a compiler makes a copy for a single caller's constants. */
#define TB_KERNEL static __attribute__((noinline, used))
/* Before a loop of few rounds, which an unrolled one would only make larger. */
#define TB_ROLLED _Pragma("GCC unroll 1")
#else
#define TB_MAY_ALIAS
#define TB_ALIGN(bytes)
#define TB_KERNEL static
#define TB_ROLLED
#endif

typedef int16_t TB_MAY_ALIAS tb_i16;
typedef int32_t TB_MAY_ALIAS tb_i32;
typedef float TB_MAY_ALIAS tb_f32;
typedef uint32_t TB_MAY_ALIAS TB_ALIGN(1) tb_any_word; /* at any address */

/* Where a tensor is in the arena. Only C turns a void pointer into one of any type by itself. */
#ifdef __cplusplus
struct tb_place {
  void *at;
  template <typename T>
  operator T *() const {
    return static_cast<T *>(at);
  }
};
#define TB_AT(arena, offset) (tb_place{(arena) + (offset)})
#else
#define TB_AT(arena, offset) ((void *)((arena) + (offset)))
#endif

static inline int32_t tb_clamp(int32_t value, int32_t low, int32_t high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

#endif
