/* output[..][i][j] = scale(sum over k of first[..][i][k] * second[..][k][j]), of any steps in
 * memory, summed in 64 bits. */
#ifndef TB_BATCH_MATMUL_S16_H
#define TB_BATCH_MATMUL_S16_H

#include "tb_matrices.h"
#include "tb_scale_s16.h"

struct tb_batch_matmul_s16 {
  struct tb_matrices matrices;
  struct tb_scale_s16 scale;
};

static inline tb_i16 *tb_matmul_s16(const struct tb_batch_matmul_s16 *p, const tb_i16 *first,
                                    const tb_i16 *second, tb_i16 *output) {
  const struct tb_matrices *const m = &p->matrices;
  for (int32_t i = 0; i < m->rows; i++, first += m->first_row) {
    for (int32_t j = 0; j < m->columns; j++) {
      int32_t a = 0, b = j * m->second_column;
      int64_t sum = 0;
      for (int32_t k = 0; k < m->depth; k++, a += m->first_step, b += m->second_step) {
        sum += first[a] * second[b];
      }
      *output++ = tb_scale_s16(sum, &p->scale, 0);
    }
  }
  return output;
}

TB_KERNEL void tb_batch_matmul_s16(const struct tb_batch_matmul_s16 *p, const tb_i16 *first,
                                   const tb_i16 *second, tb_i16 *output) {
  const struct tb_walk *const walk = &p->matrices.walk;
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < walk->rows; row++) {
    for (int32_t i = 0; i < walk->columns; i++) {
      output = tb_matmul_s16(p, first + at.first + i * walk->first_step,
                             second + at.second + i * walk->second_step, output);
    }
    tb_walk_next(walk, &at);
  }
}

#endif
