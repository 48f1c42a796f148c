/* output[..][i][j] = sum over k of first[..][i][k] * second[..][k][j], of any steps in memory. */
#ifndef TB_BATCH_MATMUL_F32_H
#define TB_BATCH_MATMUL_F32_H

#include "tb_matrices.h"

struct tb_batch_matmul_f32 {
  struct tb_matrices matrices;
};

/* A product of two matrices, in the order of TFLM's sums. */
static inline tb_f32 *tb_matmul_f32(const struct tb_matrices *m, const tb_f32 *first,
                                    const tb_f32 *second, tb_f32 *output) {
  for (int32_t i = 0; i < m->rows; i++) {
    int32_t j = 0;
    /* Four columns at a time load each element of the first matrix once. */
    for (; j + 4 <= m->columns; j += 4) {
      const int32_t next = m->second_column, along = m->second_step;
      const tb_f32 *x = first + i * m->first_row;
      const tb_f32 *y0 = second + j * next, *y1 = y0 + next, *y2 = y1 + next, *y3 = y2 + next;
      float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (int32_t k = m->depth; k; k--, x += m->first_step) {
        s0 += *x * *y0;
        s1 += *x * *y1;
        s2 += *x * *y2;
        s3 += *x * *y3;
        y0 += along;
        y1 += along;
        y2 += along;
        y3 += along;
      }
      *output++ = s0;
      *output++ = s1;
      *output++ = s2;
      *output++ = s3;
    }
    for (; j < m->columns; j++) {
      int32_t a = i * m->first_row, b = j * m->second_column;
      float sum = 0;
      for (int32_t k = 0; k < m->depth; k++, a += m->first_step, b += m->second_step) {
        sum += first[a] * second[b];
      }
      *output++ = sum;
    }
  }
  return output;
}

TB_KERNEL void tb_batch_matmul_f32(const struct tb_batch_matmul_f32 *p, const tb_f32 *first,
                                   const tb_f32 *second, tb_f32 *output) {
  const struct tb_walk *const walk = &p->matrices.walk;
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < walk->rows; row++) {
    for (int32_t i = 0; i < walk->columns; i++) {
      output = tb_matmul_f32(&p->matrices, first + at.first + i * walk->first_step,
                             second + at.second + i * walk->second_step, output);
    }
    tb_walk_next(walk, &at);
  }
}

#endif
