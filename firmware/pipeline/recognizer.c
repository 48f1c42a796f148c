#include "recognizer.h"

void tb_recognizer_reset(struct tb_recognizer *recognizer,
                         const struct tb_recognizer_settings *settings) {
  recognizer->oldest = recognizer->count = 0;
  recognizer->label = settings->silence;
  recognizer->label_ms = 0;
}

static uint32_t place(const struct tb_recognizer *recognizer, uint32_t i) {
  uint32_t at = recognizer->oldest + i;
  return at < TB_RECOGNIZER_RESULTS ? at : at - TB_RECOGNIZER_RESULTS;
}

static void forget(struct tb_recognizer *recognizer) {
  recognizer->oldest = place(recognizer, 1);
  recognizer->count--;
}

static void remember(struct tb_recognizer *recognizer, const uint8_t scores[TB_RECOGNIZER_LABELS],
                     uint32_t time_ms) {
  if (recognizer->count == TB_RECOGNIZER_RESULTS) forget(recognizer);
  const uint32_t at = place(recognizer, recognizer->count++);
  recognizer->results[at].time_ms = time_ms;
  for (int i = 0; i < TB_RECOGNIZER_LABELS; i++) recognizer->results[at].scores[i] = scores[i];
}

static uint32_t span(const struct tb_recognizer *recognizer, uint32_t time_ms) {
  return time_ms - recognizer->results[recognizer->oldest].time_ms;
}

static uint32_t average(const struct tb_recognizer *recognizer, int label) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < recognizer->count; i++) {
    sum += recognizer->results[place(recognizer, i)].scores[label];
  }
  return sum / recognizer->count;
}

struct tb_decision tb_recognizer_update(struct tb_recognizer *recognizer,
                                        const struct tb_recognizer_settings *settings,
                                        const uint8_t scores[TB_RECOGNIZER_LABELS],
                                        uint32_t time_ms) {
  struct tb_decision decision = {time_ms, recognizer->label, 0, 0};
  remember(recognizer, scores, time_ms);
  while (span(recognizer, time_ms) > settings->average_ms) forget(recognizer);
  if (recognizer->count < settings->minimum_count ||
      span(recognizer, time_ms) < settings->average_ms / 4) {
    return decision;
  }
  decision.label = 0;
  for (int label = 0; label < TB_RECOGNIZER_LABELS; label++) {
    const int32_t score = (int32_t)average(recognizer, label);
    if (score > decision.score) {
      decision.label = label;
      decision.score = score;
    }
  }
  const int again = decision.label == recognizer->label && decision.label != settings->silence &&
                    time_ms - recognizer->label_ms <= settings->suppression_ms;
  /* Silence after silence is news each time, as in the original. */
  if (decision.score > settings->threshold && !again) {
    decision.found = 1;
    recognizer->label = decision.label;
    recognizer->label_ms = time_ms;
  }
  return decision;
}
