#include "gesture.h"

#include "memory.h"
#include "quantize.h"
#include "scores.h"

static const struct debounce_settings settings = {
    GESTURE_THRESHOLD, GESTURE_NEGATIVE, GESTURE_SUPPRESSION_MS, GESTURE_CONSECUTIVE,
};

void gesture_reset(struct gesture *gesture) {
  memset(gesture, 0, sizeof *gesture);
  debounce_reset(&gesture->debounce);
}

static int due(const struct gesture *gesture) { return gesture->readings % GESTURE_STEP == 0; }

static MODEL_INPUT_0_TYPE code_of(int16_t value) {
  const float real = (float)value * GESTURE_SCALE;
#ifdef MODEL_INPUT_0_SCALE
  return (MODEL_INPUT_0_TYPE)model_quantize(real, MODEL_INPUT_0_SCALE, MODEL_INPUT_0_ZERO_POINT,
                                            MODEL_INPUT_0_MIN, MODEL_INPUT_0_MAX);
#else
  return real;
#endif
}

static void keep(struct gesture *gesture) {
  MODEL_INPUT_0_TYPE *to = gesture->codes[gesture->oldest];
  for (int axis = 0; axis < 3; axis++) to[axis] = gesture->latest[axis];
  if (++gesture->oldest == GESTURE_READINGS) gesture->oldest = 0;
}

void gesture_append(struct gesture *gesture, const int16_t reading[3]) {
  for (int axis = 0; axis < 3; axis++) gesture->latest[axis] = code_of(reading[axis]);
  if (gesture->readings++ == 0) {
    for (int i = 1; i < GESTURE_READINGS; i++) keep(gesture);
  }
  keep(gesture);
}

int gesture_infer(struct gesture *gesture) {
  if (!due(gesture)) return 0;
  const uint32_t newer = gesture->oldest, older = GESTURE_READINGS - newer;
  memcpy(MODEL_INPUT_0, gesture->codes[newer], older * sizeof gesture->codes[0]);
  memcpy(MODEL_INPUT_0 + 3 * older, gesture->codes[0], newer * sizeof gesture->codes[0]);
  model_invoke();
  model_scores(gesture->scores);
  return 1;
}

int gesture_decide(struct gesture *gesture) {
  if (!due(gesture)) return 0;
  gesture->heard = debounce_update(&gesture->debounce, &settings, gesture->scores,
                                   gesture->readings * GESTURE_PERIOD_MS);
  return 1;
}

int gesture_feel(struct gesture *gesture, const int16_t reading[3]) {
  gesture_append(gesture, reading);
  return gesture_infer(gesture) && gesture_decide(gesture);
}
