/* output = a function of two truth values, with broadcasting
 *
 * Bit 0 of `truth` is the output where both are false, bit 1 where only the first is true, bit 2
 * where only the second is, bit 3 where both are. */
#ifndef TB_LOGICAL_H
#define TB_LOGICAL_H

#include "tb_binary.h"

struct tb_logical {
  struct tb_walk walk;
  int32_t truth;
};

TB_BINARY(tb_logical, uint8_t, uint8_t,
          (uint8_t)((p->truth >> ((*x != 0) + 2 * (*y != 0))) & 1))

#endif
