/* Codes of any integer type, read and written one at a time. */
#ifndef TB_CODE_H
#define TB_CODE_H

#include "tb_types.h"

enum { TB_INT8 = 1, TB_UINT8 = 2, TB_INT16 = 3, TB_INT32 = 4 };

static inline int32_t tb_code_load(const void *from, int32_t kind, int32_t i) {
  switch (kind) {
    case TB_INT8: return ((const int8_t *)from)[i];
    case TB_UINT8: return ((const uint8_t *)from)[i];
    case TB_INT16: return ((const tb_i16 *)from)[i];
    default: return ((const tb_i32 *)from)[i];
  }
}

static inline void tb_code_store(void *to, int32_t kind, int32_t i, int32_t code) {
  switch (kind) {
    case TB_INT8: ((int8_t *)to)[i] = (int8_t)code; break;
    case TB_UINT8: ((uint8_t *)to)[i] = (uint8_t)code; break;
    case TB_INT16: ((tb_i16 *)to)[i] = (int16_t)code; break;
    default: ((tb_i32 *)to)[i] = code;
  }
}

#endif
