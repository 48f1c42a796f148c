/* From scores of overlapping windows to gestures, as "magic wand" of TensorFlow Lite for
   Microcontrollers does: so many inferences in a row must agree, and after a gesture comes a
   rest. */
#ifndef TB_DEBOUNCE_H
#define TB_DEBOUNCE_H

#include "decision.h"
#include "gesture_pipeline.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TB_DEBOUNCE_LABELS
#define TB_DEBOUNCE_LABELS 4
#endif

struct tb_debounce_settings {
  int32_t threshold;       /* a score must be above it */
  int32_t negative;        /* the label that is no gesture, or -1 */
  uint32_t suppression_ms; /* after a gesture */
  uint32_t consecutive[TB_DEBOUNCE_LABELS]; /* how many inferences a gesture takes */
};

struct tb_debounce {
  int32_t label; /* of the last inference; -1 for none */
  uint32_t count;
  uint32_t any; /* whether there was a gesture yet */
  uint32_t found_ms;
};

void tb_debounce_reset(struct tb_debounce *debounce);

/* `time_ms` never falls. */
struct tb_decision tb_debounce_update(struct tb_debounce *debounce,
                                      const struct tb_debounce_settings *settings,
                                      const uint8_t scores[TB_DEBOUNCE_LABELS], uint32_t time_ms);

#ifdef __cplusplus
}
#endif

#endif
