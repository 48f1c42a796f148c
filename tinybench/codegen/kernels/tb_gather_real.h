/* output[i] = scale * row indices[i] of int8 codes: EMBEDDING_LOOKUP that gives real numbers.
 *
 * A row that does not exist becomes zeros: the runtime stops with an error there. */
#ifndef TB_GATHER_REAL_H
#define TB_GATHER_REAL_H

#include "tb_types.h"

struct tb_gather_real {
  float scale;
  int32_t rows, columns;
  int32_t lookups;
};

TB_KERNEL void tb_gather_real(const struct tb_gather_real *p, const int8_t *rows,
                              const tb_i32 *indices, tb_f32 *output) {
  for (int32_t i = 0; i < p->lookups; i++, output += p->columns) {
    const int32_t index = indices[i];
    const int known = index >= 0 && index < p->rows;
    const int8_t *row = rows + (known ? index * p->columns : 0);
    for (int32_t k = 0; k < p->columns; k++) {
      output[k] = known ? p->scale * (float)row[k] : 0.0f;
    }
  }
}

#endif
