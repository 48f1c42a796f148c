/* From acceleration to gestures: the last readings, the model, and how often it says the same. */
#ifndef GESTURE_H
#define GESTURE_H

#include "debounce.h"
#include "model.h"
#include "model_settings.h"

struct gesture {
  struct debounce debounce;
  uint32_t readings; /* since the start */
  uint32_t oldest;   /* of those kept */
  struct heard heard;
  uint8_t scores[DEBOUNCE_LABELS];
  MODEL_INPUT_0_TYPE latest[3]; /* codes of the last reading */
  MODEL_INPUT_0_TYPE codes[GESTURE_READINGS][3];
};

/* What a reading (x, y, z, in GESTURE_UNIT) goes through, in order, for a profile; the net and the
   decision are made every GESTURE_STEP readings, and then give 1. */
void gesture_append(struct gesture *gesture, const int16_t reading[3]);
int gesture_infer(struct gesture *gesture);
int gesture_decide(struct gesture *gesture);

/* As if the board had always been held as in the first reading. */
void gesture_reset(struct gesture *gesture);

/* All of them: 1 if there was an inference, and `gesture->heard` is what came of it. */
int gesture_feel(struct gesture *gesture, const int16_t reading[3]);

#endif
