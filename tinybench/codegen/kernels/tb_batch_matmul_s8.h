/* output[..][i][j] = rescale(sum over k of (first[..][i][k] - zero point) *
 *                            (second[..][k][j] - zero point)), of any steps in memory.
 *
 * Four rows at a time become columns that each column of the second matrix is multiplied with, as
 * it is; its zero point times the sum of a row is taken off after. */
#ifndef TB_BATCH_MATMUL_S8_H
#define TB_BATCH_MATMUL_S8_H

#include "tb_centred.h"
#include "tb_columns.h"
#include "tb_matmul_code_s8.h"
#include "tb_matrices.h"

struct tb_batch_matmul_s8 {
  struct tb_matrices matrices;
  struct tb_matmul_code_s8 code;
  int32_t groups; /* of 4 summands */
  int32_t direct; /* 1 if columns of the second matrix stand together in whole groups */
};

/* A row or column of `count` codes that are a step apart, filled up with zeros to whole groups. */
static inline void tb_pack_s8(const int8_t *from, int32_t step, int32_t count, int32_t groups,
                              int8_t *to) {
  int32_t i = 0;
  for (; i < count; i++, from += step) {
    to[i] = *from;
  }
  for (; i < 4 * groups; i++) {
    to[i] = 0;
  }
}

/* Four rows to columns of `scratch`, the last again where there are fewer; their sums. */
static inline void tb_matmul_rows_s8(const struct tb_batch_matmul_s8 *p, const int8_t *first,
                                     int32_t count, int32_t sums[4], tb_i32 *scratch) {
  const struct tb_matrices *const m = &p->matrices;
  int8_t *const row = (int8_t *)scratch + TB_COLUMNS_BYTES * p->groups;
  for (int32_t lane = 0; lane < 4; lane++) {
    if (lane < count) {
      tb_pack_s8(first + lane * m->first_row, m->first_step, m->depth, p->groups, row);
      sums[lane] = 0;
      for (int32_t k = 0; p->code.second_zero && k < m->depth; k++) {
        sums[lane] += row[k] - p->code.first_zero;
      }
    }
    tb_spread_centred_s8(row, p->groups, lane, tb_twice(p->code.first_zero), scratch);
  }
}

static inline void tb_matmul_s8(const struct tb_batch_matmul_s8 *p, const int8_t *first,
                                const int8_t *second, int8_t *output, tb_i32 *scratch) {
  const struct tb_matrices *const m = &p->matrices;
  const int32_t column = p->direct ? m->second_column : 4 * p->groups;
  int8_t *const packed = (int8_t *)scratch + (TB_COLUMNS_BYTES + 4) * p->groups;
  if (!p->direct) {
    for (int32_t j = 0; j < m->columns; j++) {
      tb_pack_s8(second + j * m->second_column, m->second_step, m->depth, p->groups,
                 packed + j * column);
    }
    second = packed;
  }
  for (int32_t i = 0; i < m->rows; i += 4, output += 4 * m->columns) {
    const int32_t count = m->rows - i < 4 ? m->rows - i : 4;
    int32_t sums[4] = {0};
    tb_matmul_rows_s8(p, first + i * m->first_row, count, sums, scratch);
    for (int32_t j = 0; j < m->columns; j++) {
      int32_t sum[4];
      tb_dot_4x1(scratch, second + j * column, p->groups, 0, sum);
      TB_ROLLED
      for (int32_t lane = 0; lane < count; lane++) {
        const int32_t less = p->code.second_zero * sums[lane];
        output[lane * m->columns + j] = tb_matmul_code_s8(&p->code, sum[lane] - less);
      }
    }
  }
}

/* `scratch`: 36 bytes a group and, unless direct, 4 for each column of the second matrix. */
TB_KERNEL void tb_batch_matmul_s8(const struct tb_batch_matmul_s8 *p, const int8_t *first,
                                  const int8_t *second, int8_t *output, tb_i32 *scratch) {
  const struct tb_matrices *const m = &p->matrices;
  struct tb_position at = tb_walk_start();
  for (int32_t row = 0; row < m->walk.rows; row++) {
    for (int32_t n = 0; n < m->walk.columns; n++) {
      tb_matmul_s8(p, first + at.first + n * m->walk.first_step,
                   second + at.second + n * m->walk.second_step, output, scratch);
      output += m->rows * m->columns;
    }
    tb_walk_next(&m->walk, &at);
  }
}

#endif
