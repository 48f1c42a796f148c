#include "gesture.h"

#include "scores.h"
#include "tb_memory.h"

static const struct tb_debounce_settings settings = {
    TB_GESTURE_THRESHOLD, TB_GESTURE_NEGATIVE, TB_GESTURE_SUPPRESSION_MS, TB_GESTURE_CONSECUTIVE,
};

void tb_gesture_reset(struct tb_gesture *gesture) {
  memset(gesture, 0, sizeof *gesture);
  tb_debounce_reset(&gesture->debounce);
}

static int due(const struct tb_gesture *gesture) {
  return gesture->readings % TB_GESTURE_STEP == 0;
}

static TB_GESTURE_INPUT_TYPE code_of(int16_t value) {
  const float real = (float)value * TB_GESTURE_SCALE;
  return TB_GESTURE_INPUT_CODE(real);
}

static void keep(struct tb_gesture *gesture) {
  TB_GESTURE_INPUT_TYPE *to = gesture->codes[gesture->oldest];
  for (int axis = 0; axis < 3; axis++) to[axis] = gesture->latest[axis];
  if (++gesture->oldest == TB_GESTURE_READINGS) gesture->oldest = 0;
}

void tb_gesture_append(struct tb_gesture *gesture, const int16_t reading[3]) {
  for (int axis = 0; axis < 3; axis++) gesture->latest[axis] = code_of(reading[axis]);
  if (gesture->readings++ == 0) {
    for (int i = 1; i < TB_GESTURE_READINGS; i++) keep(gesture);
  }
  keep(gesture);
}

int tb_gesture_infer(struct tb_gesture *gesture) {
  if (!due(gesture)) return 0;
  const uint32_t newer = gesture->oldest, older = TB_GESTURE_READINGS - newer;
  memcpy(TB_GESTURE_INPUT, gesture->codes[newer], older * sizeof gesture->codes[0]);
  memcpy(TB_GESTURE_INPUT + 3 * older, gesture->codes[0], newer * sizeof gesture->codes[0]);
  TB_GESTURE_INVOKE();
  for (int i = 0; i < TB_DEBOUNCE_LABELS; i++) {
    gesture->scores[i] = tb_score(TB_GESTURE_OUTPUT(i));
  }
  return 1;
}

int tb_gesture_decide(struct tb_gesture *gesture) {
  if (!due(gesture)) return 0;
  gesture->decision = tb_debounce_update(&gesture->debounce, &settings, gesture->scores,
                                         gesture->readings * TB_GESTURE_PERIOD_MS);
  return 1;
}

int tb_gesture_update(struct tb_gesture *gesture, const int16_t reading[3]) {
  tb_gesture_append(gesture, reading);
  return tb_gesture_infer(gesture) && tb_gesture_decide(gesture);
}
