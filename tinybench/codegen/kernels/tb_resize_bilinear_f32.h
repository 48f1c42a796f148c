/* An image of another size; each pixel lies between four of the input.
 *
 * For a row of the output, `rows` has the offsets of the input's row before it and of the one after
 * it, and `row_shares` how much of each: near, then far. Columns likewise. */
#ifndef TB_RESIZE_BILINEAR_F32_H
#define TB_RESIZE_BILINEAR_F32_H

#include "tb_types.h"

struct tb_resize_bilinear_f32 {
  const int32_t *rows, *columns;
  const float *row_shares, *column_shares;
  int32_t images, height, width, channels; /* of the output */
  int32_t image;                           /* elements of an image of the input */
};

TB_KERNEL void tb_resize_bilinear_f32(const struct tb_resize_bilinear_f32 *p, const tb_f32 *input,
                                      tb_f32 *output) {
  for (int32_t n = 0; n < p->images; n++, input += p->image) {
    for (int32_t y = 0; y < p->height; y++) {
      const tb_f32 *const above = input + p->rows[2 * y], *const below = input + p->rows[2 * y + 1];
      const float near_y = p->row_shares[2 * y], far_y = p->row_shares[2 * y + 1];
      for (int32_t x = 0; x < p->width; x++) {
        const int32_t left = p->columns[2 * x], right = p->columns[2 * x + 1];
        const float near_x = p->column_shares[2 * x], far_x = p->column_shares[2 * x + 1];
        for (int32_t c = 0; c < p->channels; c++) {
          const float first = above[left + c] * near_y * near_x;
          const float second = below[left + c] * far_y * near_x;
          const float third = above[right + c] * near_y * far_x;
          const float fourth = below[right + c] * far_y * far_x;
          *output++ = first + second + third + fourth + 0.0f; /* as TFLM: makes -0 to 0 */
        }
      }
    }
  }
}

#endif
