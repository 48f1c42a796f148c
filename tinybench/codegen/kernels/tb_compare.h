/* Comparisons: TB_ORDER_HOLDS(relation, x, y) is 1 if x and y stand in the relation, else 0.
 *
 * A relation is the sum of the orders in which it holds; what is no number has none with any. */
#ifndef TB_COMPARE_H
#define TB_COMPARE_H

#include "tb_binary.h"

enum { TB_LESS = 1, TB_EQUAL = 2, TB_GREATER = 4, TB_UNORDERED = 8 };

#define TB_ORDER(x, y) \
  ((x) < (y) ? TB_LESS : (x) == (y) ? TB_EQUAL : (x) > (y) ? TB_GREATER : TB_UNORDERED)
#define TB_ORDER_HOLDS(relation, x, y) ((uint8_t)(((relation) & TB_ORDER(x, y)) != 0))

#endif
