/* output[n][y][x] = input[n][row of y][column of x]: an image of another size. Offsets in bytes. */
#ifndef TB_RESIZE_H
#define TB_RESIZE_H

#include "tb_types.h"

struct tb_resize {
  const int32_t *rows, *columns; /* where a row or a column of the output is in the input */
  int32_t pixel, image;          /* bytes of the input */
  int32_t images, height, width; /* of the output */
};

TB_KERNEL void tb_resize(const struct tb_resize *p, const void *input, void *output) {
  const uint8_t *from = (const uint8_t *)input;
  uint8_t *to = (uint8_t *)output;
  for (int32_t n = 0; n < p->images; n++, from += p->image) {
    for (int32_t y = 0; y < p->height; y++) {
      const uint8_t *row = from + p->rows[y];
      for (int32_t x = 0; x < p->width; x++, to += p->pixel) {
        memcpy(to, row + p->columns[x], (size_t)p->pixel);
      }
    }
  }
}

#endif
