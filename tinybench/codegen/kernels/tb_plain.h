/* Convolutions of groups of channels whose weights stand as in the model: constants or computed.
 *
 * Rare, so plain: one output at a time. A fully connected layer is a window of one pixel. */
#ifndef TB_PLAIN_H
#define TB_PLAIN_H

#include "tb_taps.h"

struct tb_plain {
  struct tb_geometry window;
  int32_t groups, depth, filters;    /* groups of channels, input and output channels of one */
  int32_t channel_step, tap_step;    /* of the weights, from one to the next */
};

/* The taps of a window that are inside of the image, and where they begin. */
struct tb_plain_part {
  struct tb_taps rows, columns;
  int32_t image; /* element of the first of them, channel 0 */
};

static inline struct tb_plain_part tb_plain_part(const struct tb_plain *p, int32_t pixel) {
  const struct tb_geometry *const w = &p->window;
  const int32_t top = pixel / w->out_w * w->stride_h - w->pad_h;
  const int32_t left = pixel % w->out_w * w->stride_w - w->pad_w;
  struct tb_plain_part part = {tb_tap_rows(w, top), tb_tap_columns(w, left), 0};
  if (part.columns.end <= part.columns.start) {
    part.rows.end = part.rows.start; /* nothing is inside */
  }
  part.image = ((top + part.rows.start * w->dilation_h) * w->in_w + left +
                part.columns.start * w->dilation_w) *
               w->channels;
  return part;
}

#endif
