/* output = the same element everywhere, of 1, 2 or 4 bytes: what stands around a padded tensor. */
#ifndef TB_FILL_H
#define TB_FILL_H

#include "tb_types.h"

struct tb_fill {
  int32_t value; /* an element's bits, in the low bytes */
  int32_t width; /* bytes of an element; 1 also where all bytes of the value are equal */
  int32_t elements;
};

TB_KERNEL void tb_fill(const struct tb_fill *p, void *output) {
  if (p->width == 1) {
    memset(output, (int)p->value, (size_t)p->elements);
  } else if (p->width == 2) {
    for (int32_t i = 0; i < p->elements; i++) {
      ((tb_i16 *)output)[i] = (int16_t)p->value;
    }
  } else {
    for (int32_t i = 0; i < p->elements; i++) {
      ((tb_i32 *)output)[i] = p->value;
    }
  }
}

#endif
