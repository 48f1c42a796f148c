/* From scores of overlapping windows to words, as "micro speech" of TensorFlow Lite for
   Microcontrollers does: average over time, and after a word wait before it counts again. */
#ifndef TB_RECOGNIZER_H
#define TB_RECOGNIZER_H

#include "decision.h"
#include "keyword_pipeline.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef TB_RECOGNIZER_LABELS
#define TB_RECOGNIZER_LABELS 4
#endif
/* More results than these are not averaged: the oldest is forgotten. */
#ifndef TB_RECOGNIZER_RESULTS
#define TB_RECOGNIZER_RESULTS 11
#endif

struct tb_recognizer_settings {
  uint32_t average_ms, suppression_ms;
  uint32_t minimum_count; /* of results to decide on; they must also span a quarter of average_ms */
  int32_t threshold;      /* a score must be above it */
  int32_t silence;        /* the label that is no word, or -1 */
};

struct tb_recognizer {
  struct {
    uint32_t time_ms;
    uint8_t scores[TB_RECOGNIZER_LABELS];
  } results[TB_RECOGNIZER_RESULTS];
  uint32_t oldest, count;
  int32_t label; /* of the last word; at first, silence */
  uint32_t label_ms;
};

void tb_recognizer_reset(struct tb_recognizer *recognizer,
                         const struct tb_recognizer_settings *settings);

/* `time_ms` never falls. */
struct tb_decision tb_recognizer_update(struct tb_recognizer *recognizer,
                                        const struct tb_recognizer_settings *settings,
                                        const uint8_t scores[TB_RECOGNIZER_LABELS],
                                        uint32_t time_ms);

#ifdef __cplusplus
}
#endif

#endif
