/* output = table[input + 128]: any function of one int8 code, computed when it was generated. */
#ifndef TB_LOOKUP_S8_H
#define TB_LOOKUP_S8_H

#include "tb_types.h"

struct tb_lookup_s8 {
  const int8_t *table; /* 256 codes */
  int32_t elements;
};

TB_KERNEL void tb_lookup_s8(const struct tb_lookup_s8 *p, const int8_t *input, int8_t *output) {
  const int8_t *const table = p->table + 128;
  for (int32_t i = 0; i < p->elements; i++) {
    output[i] = table[input[i]];
  }
}

#endif
