/* output = condition ? x : y for elements of 1, 2 or 4 bytes, with broadcasting. */
#ifndef TB_SELECT_H
#define TB_SELECT_H

#include "tb_types.h"

#define TB_SELECT_RANK 8

struct tb_select {
  int32_t rank; /* from 1 */
  const int32_t *size, *condition, *x, *y; /* of each dimension, and the steps in bytes */
  int32_t elements;
  int32_t width;
};

TB_KERNEL void tb_select(const struct tb_select *p, const void *condition, const void *x,
                         const void *y, void *output) {
  const uint8_t *const taken = (const uint8_t *)condition;
  int32_t index[TB_SELECT_RANK] = {0};
  int32_t at[3] = {0, 0, 0};
  for (int32_t i = 0; i < p->elements; i++) {
    const uint8_t *const from =
        taken[at[0]] ? (const uint8_t *)x + at[1] : (const uint8_t *)y + at[2];
    if (p->width == 4) {
      ((tb_i32 *)output)[i] = *(const tb_i32 *)(const void *)from;
    } else if (p->width == 2) {
      ((tb_i16 *)output)[i] = *(const tb_i16 *)(const void *)from;
    } else {
      ((uint8_t *)output)[i] = *from;
    }
    for (int32_t k = p->rank - 1; k >= 0; k--) {
      at[0] += p->condition[k];
      at[1] += p->x[k];
      at[2] += p->y[k];
      if (++index[k] < p->size[k]) {
        break;
      }
      index[k] = 0;
      at[0] -= p->size[k] * p->condition[k];
      at[1] -= p->size[k] * p->x[k];
      at[2] -= p->size[k] * p->y[k];
    }
  }
}

#endif
