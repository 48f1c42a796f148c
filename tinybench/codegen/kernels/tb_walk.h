/* A walk through tensors of any shape: rows of elements.
 *
 * Within a row two offsets move by constant steps; from row to row an odometer moves them. The
 * dimensions that continue each other were merged when the program was generated. */
#ifndef TB_WALK_H
#define TB_WALK_H

#include "tb_types.h"

#define TB_WALK_RANK 8

struct tb_walk {
  int32_t rank;                   /* of the odometer, from 1 */
  int32_t rows;                   /* the product of all sizes */
  int32_t columns;                /* elements of a row */
  int32_t first_step, second_step; /* within a row */
  const int32_t *size, *first, *second; /* the odometer's wheels, the last turns fastest */
};

struct tb_position {
  int32_t first, second; /* offsets of the row's beginning */
  int32_t index[TB_WALK_RANK];
};

static inline struct tb_position tb_walk_start(void) {
  const struct tb_position start = {0, 0, {0}};
  return start;
}

static inline void tb_walk_next(const struct tb_walk *walk, struct tb_position *at) {
  for (int32_t i = walk->rank - 1; i >= 0; i--) {
    at->first += walk->first[i];
    at->second += walk->second[i];
    if (++at->index[i] < walk->size[i]) {
      return;
    }
    at->index[i] = 0;
    at->first -= walk->size[i] * walk->first[i];
    at->second -= walk->size[i] * walk->second[i];
  }
}

#endif
