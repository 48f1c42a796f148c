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

/* The kernel `name`: `product` is of the input x[k] and the weight by[k], `result` of their sum and
 * of the output's channel c; both may use the parameters p, which have a `plain`. */
#define TB_CONV_PLAIN(name, input_type, weights_type, output_type, sum_type, product, result)      \
  static inline sum_type name##_sum(const struct name *p, const struct tb_plain_part *part,        \
                                    const input_type *image, const weights_type *weights) {        \
    const struct tb_geometry *const w = &p->plain.window;                                          \
    sum_type sum = 0;                                                                              \
    for (int32_t i = part->rows.start; i < part->rows.end; i++) {                                  \
      const input_type *x = image;                                                                 \
      for (int32_t j = part->columns.start; j < part->columns.end; j++) {                          \
        const weights_type *const by = weights + (i * w->kernel_w + j) * p->plain.tap_step;        \
        TB_ROLLED                                                                                  \
        for (int32_t k = 0; k < p->plain.depth; k++) {                                             \
          sum += product;                                                                          \
        }                                                                                          \
        x += w->dilation_w * w->channels;                                                          \
      }                                                                                            \
      image += w->dilation_h * w->in_w * w->channels;                                              \
    }                                                                                              \
    return sum;                                                                                    \
  }                                                                                                \
                                                                                                   \
  TB_KERNEL void name(const struct name *p, const input_type *input, const weights_type *weights,  \
                      output_type *output) {                                                       \
    const struct tb_geometry *const w = &p->plain.window;                                          \
    const int32_t channels = p->plain.groups * p->plain.filters;                                   \
    for (int32_t n = 0; n < w->batches; n++, input += w->in_h * w->in_w * w->channels) {           \
      for (int32_t pixel = 0; pixel < w->out_h * w->out_w; pixel++) {                              \
        const struct tb_plain_part part = tb_plain_part(&p->plain, pixel);                         \
        for (int32_t c = 0; c < channels; c++) {                                                   \
          const int32_t first = c / p->plain.filters * p->plain.depth;                             \
          const sum_type sum = name##_sum(p, &part, input + part.image + first,                    \
                                          weights + c * p->plain.channel_step);                    \
          *output++ = result;                                                                      \
        }                                                                                          \
      }                                                                                            \
    }                                                                                              \
  }

#endif
