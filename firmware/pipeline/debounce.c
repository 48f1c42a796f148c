#include "debounce.h"

void tb_debounce_reset(struct tb_debounce *debounce) {
  debounce->label = -1;
  debounce->count = debounce->any = debounce->found_ms = 0;
}

struct tb_decision tb_debounce_update(struct tb_debounce *debounce,
                                      const struct tb_debounce_settings *settings,
                                      const uint8_t scores[TB_DEBOUNCE_LABELS], uint32_t time_ms) {
  struct tb_decision decision = {time_ms, 0, scores[0], 0};
  for (int label = 1; label < TB_DEBOUNCE_LABELS; label++) {
    if (scores[label] > decision.score) {
      decision.label = label;
      decision.score = scores[label];
    }
  }
  if (decision.label == settings->negative || decision.score <= settings->threshold) {
    debounce->label = -1;
    debounce->count = 0;
    return decision;
  }
  if (decision.label != debounce->label) debounce->count = 0;
  debounce->label = decision.label;
  debounce->count++;
  const int rests = debounce->any && time_ms - debounce->found_ms <= settings->suppression_ms;
  if (debounce->count >= settings->consecutive[decision.label] && !rests) {
    decision.found = 1;
    debounce->count = 0;
    debounce->any = 1;
    debounce->found_ms = time_ms;
  }
  return decision;
}
