/* Copy a block of one tensor to a block of another, both seen with any steps between elements.
 *
 * This is PAD without its border, CONCATENATION, SPLIT, SLICE, TRANSPOSE and their kin. All
 * numbers are bytes; `run` bytes stand together in both tensors, in units of `width`. */
#ifndef TB_COPY_H
#define TB_COPY_H

#include "tb_walk.h"

struct tb_copy {
  struct tb_walk walk; /* first: input, second: output */
  int32_t input_offset, output_offset;
  int32_t run;
  int32_t width; /* 1, 2 or 4: divides the run and all offsets and steps */
};

static inline void tb_copy_row(const struct tb_copy *p, const uint8_t *input, uint8_t *output,
                               int32_t from, int32_t to) {
  const int32_t columns = p->walk.columns, run = p->run;
  const int32_t from_step = p->walk.first_step, to_step = p->walk.second_step;
  if (run >= 16) { /* from here on a call is cheaper than a loop */
    for (int32_t i = 0; i < columns; i++, from += from_step, to += to_step) {
      memcpy(output + to, input + from, (size_t)run);
    }
  } else if (p->width == 4) {
    for (int32_t i = 0; i < columns; i++, from += from_step, to += to_step) {
      for (int32_t k = 0; k < run; k += 4) {
        *(tb_i32 *)(void *)(output + to + k) = *(const tb_i32 *)(const void *)(input + from + k);
      }
    }
  } else if (p->width == 2) {
    for (int32_t i = 0; i < columns; i++, from += from_step, to += to_step) {
      for (int32_t k = 0; k < run; k += 2) {
        *(tb_i16 *)(void *)(output + to + k) = *(const tb_i16 *)(const void *)(input + from + k);
      }
    }
  } else {
    for (int32_t i = 0; i < columns; i++, from += from_step, to += to_step) {
      for (int32_t k = 0; k < run; k++) {
        output[to + k] = input[from + k];
      }
    }
  }
}

TB_KERNEL void tb_copy(const struct tb_copy *p, const void *input, void *output) {
  struct tb_position at = tb_walk_start();
  const uint8_t *const from = (const uint8_t *)input;
  uint8_t *const to = (uint8_t *)output;
  for (int32_t row = 0; row < p->walk.rows; row++) {
    tb_copy_row(p, from, to, p->input_offset + at.first, p->output_offset + at.second);
    tb_walk_next(&p->walk, &at);
  }
}

#endif
