/* From acceleration to gestures: the last readings, the model, and how often it says the same. */
#ifndef TB_GESTURE_H
#define TB_GESTURE_H

#include "debounce.h"
#include "gesture_pipeline.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tb_gesture {
  struct tb_debounce debounce;
  uint32_t readings; /* since the start */
  uint32_t oldest;   /* of those kept */
  struct tb_decision decision;
  uint8_t scores[TB_DEBOUNCE_LABELS];
  TB_GESTURE_INPUT_TYPE latest[3]; /* codes of the last reading */
  TB_GESTURE_INPUT_TYPE codes[TB_GESTURE_READINGS][3];
};

/* What a reading (x, y, z; TB_GESTURE_SCALE is a 1) goes through, in order, for a profile; the net
   and the decision are made every TB_GESTURE_STEP readings, and then give 1. */
void tb_gesture_append(struct tb_gesture *gesture, const int16_t reading[3]);
int tb_gesture_infer(struct tb_gesture *gesture);
int tb_gesture_decide(struct tb_gesture *gesture);

/* As if the board had always been held as in the first reading. */
void tb_gesture_reset(struct tb_gesture *gesture);

/* All of them: 1 if there was an inference, and `gesture->decision` is what came of it. */
int tb_gesture_update(struct tb_gesture *gesture, const int16_t reading[3]);

#ifdef __cplusplus
}
#endif

#endif
