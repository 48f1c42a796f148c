/* output = activation(a op b) of 32-bit numbers, with broadcasting
 *
 * Results wrap. Nothing is divided by zero: the quotient is 0 there, and INT32_MIN / -1 is
 * INT32_MIN, as ARM's instruction has both; TFLM does not define them. */
#ifndef TB_ARITHMETIC_S32_H
#define TB_ARITHMETIC_S32_H

#include "tb_binary.h"

enum { TB_PLUS = 1, TB_MINUS = 2, TB_TIMES = 3, TB_OVER = 4, TB_SQUARED_DIFFERENCE = 5 };

struct tb_arithmetic_s32 {
  struct tb_walk walk;
  int32_t operation;
  int32_t low, high;
};

static inline int32_t tb_arithmetic(int32_t operation, int32_t first, int32_t second) {
  const uint32_t x = (uint32_t)first, y = (uint32_t)second;
  switch (operation) {
    case TB_PLUS: return (int32_t)(x + y);
    case TB_MINUS: return (int32_t)(x - y);
    case TB_TIMES: return (int32_t)(x * y);
    case TB_OVER: return second == 0 ? 0 : second == -1 ? (int32_t)(0 - x) : first / second;
    default: return (int32_t)((x - y) * (x - y));
  }
}

TB_BINARY(tb_arithmetic_s32, tb_i32, tb_i32,
          tb_clamp(tb_arithmetic(p->operation, *x, *y), p->low, p->high))

#endif
