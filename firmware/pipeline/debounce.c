#include "debounce.h"

void tb_debounce_reset(struct tb_debounce *debounce) {
  debounce->label = -1;
  debounce->count = debounce->any = debounce->found_ms = 0;
}

struct tb_heard tb_debounce_update(struct tb_debounce *debounce,
                                   const struct tb_debounce_settings *settings,
                                   const uint8_t scores[TB_DEBOUNCE_LABELS], uint32_t time_ms) {
  struct tb_heard heard = {time_ms, 0, scores[0], 0};
  for (int label = 1; label < TB_DEBOUNCE_LABELS; label++) {
    if (scores[label] > heard.score) {
      heard.label = label;
      heard.score = scores[label];
    }
  }
  if (heard.label == settings->negative || heard.score <= settings->threshold) {
    debounce->label = -1;
    debounce->count = 0;
    return heard;
  }
  if (heard.label != debounce->label) debounce->count = 0;
  debounce->label = heard.label;
  debounce->count++;
  const int rests = debounce->any && time_ms - debounce->found_ms <= settings->suppression_ms;
  if (debounce->count >= settings->consecutive[heard.label] && !rests) {
    heard.found = 1;
    debounce->count = 0;
    debounce->any = 1;
    debounce->found_ms = time_ms;
  }
  return heard;
}
