/* An image of another size; each pixel lies between four of the input.
 *
 * For a row of the output, `rows` has the offsets of the input's row before it and of the one after
 * it, and how many 1024ths it is from the one before. Columns likewise. */
#ifndef TB_RESIZE_BILINEAR_S8_H
#define TB_RESIZE_BILINEAR_S8_H

#include "tb_types.h"

struct tb_resize_bilinear_s8 {
  const int32_t *rows, *columns;
  int32_t images, height, width, channels; /* of the output */
  int32_t image;                           /* bytes of an image of the input */
};

TB_KERNEL void tb_resize_bilinear_s8(const struct tb_resize_bilinear_s8 *p, const int8_t *input,
                                     int8_t *output) {
  for (int32_t n = 0; n < p->images; n++, input += p->image) {
    for (int32_t y = 0; y < p->height; y++) {
      const int32_t *const row = p->rows + 3 * y;
      const int8_t *const above = input + row[0], *const below = input + row[1];
      const int32_t far_y = row[2], near_y = 1024 - far_y;
      for (int32_t x = 0; x < p->width; x++) {
        const int32_t *const column = p->columns + 3 * x;
        const int32_t left = column[0], right = column[1];
        const int32_t far_x = column[2], near_x = 1024 - far_x;
        for (int32_t c = 0; c < p->channels; c++) {
          const int32_t here = above[left + c] * near_y + below[left + c] * far_y;
          const int32_t there = above[right + c] * near_y + below[right + c] * far_y;
          const int32_t sum = here * near_x + there * far_x;
          const int32_t half = (int32_t)1 << 19;
          *output++ = (int8_t)((sum + (sum > 0 ? half : -half)) / (2 * half));
        }
      }
    }
  }
}

#endif
