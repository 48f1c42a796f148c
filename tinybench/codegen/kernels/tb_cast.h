/* output = the number itself in another type: integers keep their low bits, real numbers are cut
 * towards zero and clamped to the type, what is no number is 0. */
#ifndef TB_CAST_H
#define TB_CAST_H

#include "tb_types.h"

enum {
  TB_CAST_INT8 = 1,
  TB_CAST_INT16 = 2,
  TB_CAST_INT32 = 3,
  TB_CAST_UINT32 = 4,
  TB_CAST_BOOL = 5,
  TB_CAST_FLOAT = 6
};

struct tb_cast {
  int32_t from, to;
  float low, high; /* of the output, if it is an integer: what is beyond is `most` or `least` */
  int32_t least, most;
  int32_t elements;
};

static inline uint32_t tb_cast_integer(const struct tb_cast *p, float value) {
  if (!(value > p->low)) {
    return value <= p->low ? (uint32_t)p->least : 0;
  }
  if (value >= p->high) {
    return (uint32_t)p->most;
  }
  return value < 0.0f ? (uint32_t)(int32_t)value : (uint32_t)value;
}

static inline uint32_t tb_cast_load(const void *from, int32_t kind, int32_t i) {
  switch (kind) {
    case TB_CAST_INT8: return (uint32_t)((const int8_t *)from)[i];
    case TB_CAST_INT16: return (uint32_t)((const tb_i16 *)from)[i];
    case TB_CAST_BOOL: return ((const uint8_t *)from)[i] != 0;
    default: return (uint32_t)((const tb_i32 *)from)[i];
  }
}

static inline void tb_cast_store(void *to, int32_t kind, int32_t i, uint32_t word) {
  switch (kind) {
    case TB_CAST_INT8: ((int8_t *)to)[i] = (int8_t)word; break;
    case TB_CAST_INT16: ((tb_i16 *)to)[i] = (int16_t)word; break;
    case TB_CAST_BOOL: ((uint8_t *)to)[i] = word != 0; break;
    default: ((tb_i32 *)to)[i] = (int32_t)word;
  }
}

TB_KERNEL void tb_cast(const struct tb_cast *p, const void *input, void *output) {
  for (int32_t i = 0; i < p->elements; i++) {
    if (p->from == TB_CAST_FLOAT) {
      const float value = ((const tb_f32 *)input)[i];
      if (p->to == TB_CAST_FLOAT) {
        ((tb_i32 *)output)[i] = ((const tb_i32 *)input)[i];
      } else if (p->to == TB_CAST_BOOL) {
        ((uint8_t *)output)[i] = !(value <= 0.0f && value >= 0.0f);
      } else {
        tb_cast_store(output, p->to, i, tb_cast_integer(p, value));
      }
    } else {
      const uint32_t word = tb_cast_load(input, p->from, i);
      if (p->to == TB_CAST_FLOAT) {
        ((tb_f32 *)output)[i] = p->from == TB_CAST_UINT32 ? (float)word : (float)(int32_t)word;
      } else {
        tb_cast_store(output, p->to, i, word);
      }
    }
  }
}

#endif
