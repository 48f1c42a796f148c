/* output[i] = the slice of the input that index i names: GATHER, GATHER_ND, EMBEDDING_LOOKUP.
 *
 * An index is `depth` numbers; the sum of their steps is where the slice begins in its block. What
 * is not within the block becomes zeros: the runtime stops with an error there. */
#ifndef TB_GATHER_H
#define TB_GATHER_H

#include "tb_types.h"

struct tb_gather {
  const int32_t *step; /* of each number of an index, in units */
  int32_t depth;
  int32_t batches, blocks, slices; /* the blocks of a batch have its indices, one for a slice */
  int32_t units, slice;            /* of a block, of a slice */
  int32_t unit;                    /* bytes */
};

TB_KERNEL void tb_gather(const struct tb_gather *p, const void *input, const void *indices,
                         void *output) {
  const uint8_t *from = (const uint8_t *)input;
  uint8_t *to = (uint8_t *)output;
  const tb_i32 *const all = (const tb_i32 *)indices;
  const uint32_t last = (uint32_t)(p->units - p->slice);
  const size_t bytes = (size_t)p->slice * (size_t)p->unit;
  for (int32_t block = 0; block < p->batches * p->blocks; block++) {
    const tb_i32 *index = all + block / p->blocks * p->slices * p->depth;
    for (int32_t i = 0; i < p->slices; i++, to += bytes) {
      uint32_t place = 0;
      for (int32_t k = 0; k < p->depth; k++) {
        place += (uint32_t)*index++ * (uint32_t)p->step[k];
      }
      if (place <= last) {
        memcpy(to, from + (size_t)place * (size_t)p->unit, bytes);
      } else {
        memset(to, 0, bytes);
      }
    }
    from += (size_t)p->units * (size_t)p->unit;
  }
}

#endif
