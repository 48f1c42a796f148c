/* Boxes of what a detector found, the best first, without those that overlap a better one.
 *
 * Boxes are decoded from their anchors in double precision, as in the runtime. With `regular` each
 * class is thinned out on its own, and the best of all are kept; without, each box has its best
 * class only. If a box has no area, which the runtime ends with an error, nothing is found. */
#ifndef TB_DETECTION_H
#define TB_DETECTION_H

#include "tb_exponential_f64.h"

struct tb_detection {
  int32_t boxes, coordinates; /* numbers of an encoded box; the first four are used */
  int32_t columns, offset;    /* numbers of a row of scores, and where those of classes begin */
  int32_t classes, most;      /* at most so many are found */
  int32_t per_class, regular;
  float threshold, overlap;
  float y_scale, x_scale, h_scale, w_scale;
};

struct TB_MAY_ALIAS tb_box {
  float ymin, xmin, ymax, xmax;
};

static inline float tb_detection_centre(float at, float scale, float size, float anchor) {
  return (float)((double)at / (double)scale * (double)size + (double)anchor);
}

static inline float tb_detection_half(float at, float scale, float size) {
  return (float)(0.5 * tb_exponential_f64((double)at / (double)scale) * (double)size);
}

/* Whether all boxes have an area. */
static inline int32_t tb_detection_decoded(const struct tb_detection *p, const tb_f32 *encoded,
                                           const tb_f32 *anchors, struct tb_box *boxes) {
  int32_t good = 1;
  for (int32_t i = 0; i < p->boxes; i++, encoded += p->coordinates, anchors += 4) {
    const float y = tb_detection_centre(encoded[0], p->y_scale, anchors[2], anchors[0]);
    const float x = tb_detection_centre(encoded[1], p->x_scale, anchors[3], anchors[1]);
    const float h = tb_detection_half(encoded[2], p->h_scale, anchors[2]);
    const float w = tb_detection_half(encoded[3], p->w_scale, anchors[3]);
    const struct tb_box box = {y - h, x - w, y + h, x + w};
    boxes[i] = box;
    good &= !(box.ymin >= box.ymax || box.xmin >= box.xmax);
  }
  return good;
}

static inline float tb_detection_area(float height, float width) {
  return (height < 0 ? 0 : height) * (width < 0 ? 0 : width);
}

/* The part of two boxes' area that both have. */
static inline float tb_detection_common(const struct tb_box *a, const struct tb_box *b) {
  const float first = (a->ymax - a->ymin) * (a->xmax - a->xmin);
  const float second = (b->ymax - b->ymin) * (b->xmax - b->xmin);
  if (first <= 0 || second <= 0) {
    return 0;
  }
  const float ymin = a->ymin < b->ymin ? b->ymin : a->ymin;
  const float xmin = a->xmin < b->xmin ? b->xmin : a->xmin;
  const float ymax = b->ymax < a->ymax ? b->ymax : a->ymax;
  const float xmax = b->xmax < a->xmax ? b->xmax : a->xmax;
  const float both = tb_detection_area(ymax - ymin, xmax - xmin);
  return both / (first + second - both);
}

/* The best box that is left, of the first of equal ones; -1 if none is. */
static inline int32_t tb_detection_best(const struct tb_detection *p, const tb_f32 *scores,
                                        int32_t step, const uint8_t *left) {
  int32_t best = -1;
  for (int32_t i = 0; i < p->boxes; i++) {
    if (left[i] && (best < 0 || scores[i * step] > scores[best * step])) {
      best = i;
    }
  }
  return best;
}

/* The next box, after which those that overlap it are gone. */
static inline int32_t tb_detection_next(const struct tb_detection *p, const struct tb_box *boxes,
                                        const tb_f32 *scores, int32_t step, uint8_t *left) {
  const int32_t best = tb_detection_best(p, scores, step, left);
  if (best >= 0) {
    left[best] = 0;
    for (int32_t i = 0; i < p->boxes; i++) {
      if (left[i] && tb_detection_common(&boxes[best], &boxes[i]) > p->overlap) {
        left[i] = 0;
      }
    }
  }
  return best;
}

static inline void tb_detection_candidates(const struct tb_detection *p, const tb_f32 *scores,
                                           int32_t step, uint8_t *left) {
  for (int32_t i = 0; i < p->boxes; i++) {
    left[i] = scores[i * step] >= p->threshold;
  }
}

/* Put a box behind those that are as good; what was the worst falls out. */
static inline int32_t tb_detection_inserted(const struct tb_detection *p, int32_t count,
                                            int32_t box, int32_t which, float score, tb_i32 *order,
                                            tb_f32 *classes, tb_f32 *scores) {
  if (count == p->most && !(score > scores[count - 1])) {
    return count;
  }
  int32_t at = count < p->most ? count++ : count - 1;
  for (; at > 0 && score > scores[at - 1]; at--) {
    order[at] = order[at - 1];
    classes[at] = classes[at - 1];
    scores[at] = scores[at - 1];
  }
  order[at] = box;
  classes[at] = (float)which;
  scores[at] = score;
  return count;
}

/* The best of all classes, each thinned out on its own. */
static inline int32_t tb_detection_regular(const struct tb_detection *p, const struct tb_box *boxes,
                                           const tb_f32 *scores, tb_i32 *order, uint8_t *left,
                                           tb_f32 *found_classes, tb_f32 *found_scores) {
  int32_t count = 0;
  for (int32_t which = 0; which < p->classes; which++, scores++) {
    tb_detection_candidates(p, scores, p->columns, left);
    for (int32_t n = 0; n < p->per_class; n++) {
      const int32_t box = tb_detection_next(p, boxes, scores, p->columns, left);
      if (box < 0) {
        break;
      }
      count = tb_detection_inserted(p, count, box, which, scores[box * p->columns], order,
                                    found_classes, found_scores);
    }
  }
  return count;
}

/* The best boxes, each of its best class. */
static inline int32_t tb_detection_fast(const struct tb_detection *p, const struct tb_box *boxes,
                                        const tb_f32 *scores, tb_i32 *order, tb_f32 *best,
                                        uint8_t *left, tb_f32 *found_classes,
                                        tb_f32 *found_scores) {
  for (int32_t i = 0; i < p->boxes; i++) {
    const tb_f32 *const row = scores + i * p->columns;
    best[i] = row[0];
    for (int32_t which = 1; which < p->classes; which++) {
      best[i] = row[which] > best[i] ? row[which] : best[i];
    }
  }
  tb_detection_candidates(p, best, 1, left);
  int32_t count = 0;
  for (; count < p->most; count++) {
    const int32_t box = tb_detection_next(p, boxes, best, 1, left);
    if (box < 0) {
      break;
    }
    const tb_f32 *const row = scores + box * p->columns;
    int32_t which = 0;
    while (which < p->classes - 1 && row[which] != best[box]) {
      which++;
    }
    order[count] = box;
    found_classes[count] = (float)which;
    found_scores[count] = best[box];
  }
  return count;
}

TB_KERNEL void tb_detection(const struct tb_detection *p, const tb_f32 *encoded,
                            const tb_f32 *scores, const tb_f32 *anchors, tb_f32 *found_boxes,
                            tb_f32 *found_classes, tb_f32 *found_scores, tb_f32 *number,
                            void *scratch) {
  struct tb_box *const boxes = (struct tb_box *)scratch;
  tb_i32 *const order = (tb_i32 *)(void *)(boxes + p->boxes);
  tb_f32 *const best = (tb_f32 *)(void *)(order + p->most);
  uint8_t *const left = (uint8_t *)(void *)(best + (p->regular ? 0 : p->boxes));
  memset(found_boxes, 0, 4 * (size_t)p->most * sizeof *found_boxes);
  memset(found_classes, 0, (size_t)p->most * sizeof *found_classes);
  memset(found_scores, 0, (size_t)p->most * sizeof *found_scores);
  int32_t count = 0;
  if (tb_detection_decoded(p, encoded, anchors, boxes)) {
    scores += p->offset;
    count = p->regular ? tb_detection_regular(p, boxes, scores, order, left, found_classes,
                                              found_scores)
                       : tb_detection_fast(p, boxes, scores, order, best, left, found_classes,
                                           found_scores);
  }
  struct tb_box *const found = (struct tb_box *)(void *)found_boxes;
  for (int32_t i = 0; i < count; i++) {
    found[i] = boxes[order[i]];
  }
  *number = (float)count;
}

#endif
