/* The part of a pooling window that lies inside the image; averages count nothing else. */
#ifndef TB_POOL_PART_H
#define TB_POOL_PART_H

#include "tb_window.h"

struct tb_pool_part {
  const int8_t *first;
  int32_t rows, columns;
};

static inline struct tb_pool_part tb_pool_part(const struct tb_window *w, const int8_t *image,
                                               int32_t y, int32_t x) {
  struct tb_pool_part part;
  const int32_t top = y < 0 ? 0 : y, left = x < 0 ? 0 : x;
  const int32_t below = y + w->kernel_h, right = x + w->kernel_w;
  part.first = image + (top * w->in_w + left) * w->channels;
  part.rows = (below > w->in_h ? w->in_h : below) - top;
  part.columns = (right > w->in_w ? w->in_w : right) - left;
  return part;
}

#endif
