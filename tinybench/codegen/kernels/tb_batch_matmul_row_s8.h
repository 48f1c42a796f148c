/* output[..][i][j] = rescale(sum over k of (first[..][i][k] - zero point) *
 *                               (second[..][k][j] - zero point)), of any steps in memory.
 *
 * For few rows: it goes through both matrices where they are. */
#ifndef TB_BATCH_MATMUL_ROW_S8_H
#define TB_BATCH_MATMUL_ROW_S8_H

#include "tb_matmul_code_s8.h"
#include "tb_matrices.h"

struct tb_batch_matmul_row_s8 {
  struct tb_matrices matrices;
  struct tb_matmul_code_s8 code;
};

/* Row i of a product of two matrices. */
static inline int8_t *tb_matmul_row_s8(const struct tb_batch_matmul_row_s8 *p, const int8_t *row,
                                       const int8_t *second, int8_t *output) {
  const struct tb_matrices *const m = &p->matrices;
  const int32_t first_zero = p->code.first_zero, second_zero = p->code.second_zero;
  const int32_t next = m->second_column;
  int32_t j = 0;
  /* Four columns at a time load each code of the row once. */
  for (; j + 4 <= m->columns; j += 4) {
    const int8_t *x = row, *y = second + j * next;
    int32_t sum[4] = {0};
    for (int32_t k = m->depth; k; k--, x += m->first_step, y += m->second_step) {
      const int32_t code = *x - first_zero;
      sum[0] += code * (y[0] - second_zero);
      sum[1] += code * (y[next] - second_zero);
      sum[2] += code * (y[2 * next] - second_zero);
      sum[3] += code * (y[3 * next] - second_zero);
    }
    for (int32_t i = 0; i < 4; i++) {
      *output++ = tb_matmul_code_s8(&p->code, sum[i]);
    }
  }
  for (; j < m->columns; j++) {
    const int8_t *x = row, *y = second + j * next;
    int32_t sum = 0;
    for (int32_t k = m->depth; k; k--, x += m->first_step, y += m->second_step) {
      sum += (*x - first_zero) * (*y - second_zero);
    }
    *output++ = tb_matmul_code_s8(&p->code, sum);
  }
  return output;
}

TB_KERNEL void tb_batch_matmul_row_s8(const struct tb_batch_matmul_row_s8 *p, const int8_t *first,
                                  const int8_t *second, int8_t *output) {
  const struct tb_matrices *const m = &p->matrices;
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < m->walk.rows; row++) {
    for (int32_t n = 0; n < m->walk.columns; n++) {
      const int8_t *const a = first + at.first + n * m->walk.first_step;
      const int8_t *const b = second + at.second + n * m->walk.second_step;
      for (int32_t i = 0; i < m->rows; i++) {
        output = tb_matmul_row_s8(p, a + i * m->first_row, b, output);
      }
    }
    tb_walk_next(&m->walk, &at);
  }
}

#endif
