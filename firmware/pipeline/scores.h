/* A model's output as a whole number from 0 to 255, in 256ths. */
#ifndef TB_SCORES_H
#define TB_SCORES_H

#include "quantize.h"

static inline uint8_t tb_score(float real) {
  return (uint8_t)model_quantize(real, 1.0f / 256, 0, 0, 255);
}

#endif
