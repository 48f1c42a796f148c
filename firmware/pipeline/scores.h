/* The model's outputs as whole numbers from 0 to 255, in 256ths. */
#ifndef TB_SCORES_H
#define TB_SCORES_H

#include "model.h"
#include "model_settings.h"
#include "quantize.h"

static inline void tb_scores(uint8_t scores[MODEL_OUTPUT_0_ELEMENTS]) {
  for (int i = 0; i < MODEL_OUTPUT_0_ELEMENTS; i++) {
#ifdef MODEL_OUTPUT_0_SCALE
    const float real =
        model_dequantize(MODEL_OUTPUT_0[i], MODEL_OUTPUT_0_SCALE, MODEL_OUTPUT_0_ZERO_POINT);
#else
    const float real = MODEL_OUTPUT_0[i];
#endif
    scores[i] = (uint8_t)model_quantize(real, 1.0f / 256, 0, 0, 255);
  }
}

#endif
