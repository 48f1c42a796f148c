/* The output of a transposed convolution, taken apart into convolutions.
 *
 * With a stride of s, output rows whose numbers have the same remainder by s are computed from the
 * same rows of the weights, and so are columns: each pair of remainders, a phase, is a convolution
 * without stride. Phases whose windows lie alike share a part: they read the same inputs. */
#ifndef TB_PHASES_H
#define TB_PHASES_H

#include "tb_types.h"

#define TB_PHASES_PART 7 /* numbers that describe a part */

struct tb_phases {
  const int32_t *parts;  /* the members of struct tb_part, for one after the other */
  const int32_t *places; /* of each phase of each part: its first pixel in the output image */
  int32_t count;         /* parts */
  int32_t row, column;   /* of the output, from a pixel of a phase to the next below and beside */
  int32_t image;         /* elements of an output image */
};

struct tb_part {
  int32_t kernel_h, kernel_w; /* taps of a window */
  int32_t pad_h, pad_w;       /* rows above and columns to the left of the image */
  int32_t out_h, out_w;       /* pixels of a phase */
  int32_t phases;
};

static inline struct tb_part tb_part(const struct tb_phases *p, int32_t number) {
  const int32_t *const from = p->parts + number * TB_PHASES_PART;
  const struct tb_part part = {from[0], from[1], from[2], from[3], from[4], from[5], from[6]};
  return part;
}

/* The taps that are inside of an image of `size` rows, for a window that begins at row `top`. */
struct tb_inside {
  int32_t start, end;
};

static inline struct tb_inside tb_inside(int32_t top, int32_t taps, int32_t size) {
  struct tb_inside inside = {top < 0 ? -top : 0, top + taps > size ? size - top : taps};
  if (inside.end <= inside.start) {
    inside.start = inside.end = 0;
  }
  return inside;
}

/* How many rows of pixels from row y on have as many taps inside of the image, and the same. */
static inline int32_t tb_alike(const struct tb_part *part, int32_t y, int32_t size) {
  const struct tb_inside first = tb_inside(y - part->pad_h, part->kernel_h, size);
  int32_t rows = 1;
  for (; y + rows < part->out_h; rows++) {
    const struct tb_inside next = tb_inside(y + rows - part->pad_h, part->kernel_h, size);
    if (next.start != first.start || next.end != first.end) {
      break;
    }
  }
  return rows;
}

#endif
