/* What the tests call of firmware/pipeline on this computer. */
#include "audio.h"
#include "debounce.h"
#include "recognizer.h"

/* Frames (hops - 1, 40) of a sound of whole hops. */
void frames(const int16_t *samples, int32_t hops, uint16_t *features) {
  struct tb_audio audio;
  tb_audio_reset(&audio);
  tb_audio_first(&audio, samples);
  for (int32_t hop = 1; hop < hops; hop++) {
    tb_audio_frame(&audio, samples + TB_AUDIO_HOP * hop, features + TB_AUDIO_CHANNELS * (hop - 1));
  }
}

static void write(int32_t *row, struct tb_decision decision) {
  row[0] = (int32_t)decision.time_ms;
  row[1] = decision.label;
  row[2] = decision.score;
  row[3] = decision.found;
}

/* A row of time, label, score and news for each row of scores. */
void recognize(const struct tb_recognizer_settings *settings, const uint8_t *scores, int32_t count,
               uint32_t period_ms, int32_t *rows) {
  struct tb_recognizer recognizer;
  tb_recognizer_reset(&recognizer, settings);
  for (int32_t i = 0; i < count; i++) {
    write(rows + 4 * i,
          tb_recognizer_update(&recognizer, settings, scores + TB_RECOGNIZER_LABELS * i,
                               (uint32_t)(i + 1) * period_ms));
  }
}

void debounce(const struct tb_debounce_settings *settings, const uint8_t *scores, int32_t count,
              uint32_t period_ms, int32_t *rows) {
  struct tb_debounce state;
  tb_debounce_reset(&state);
  for (int32_t i = 0; i < count; i++) {
    write(rows + 4 * i, tb_debounce_update(&state, settings, scores + TB_DEBOUNCE_LABELS * i,
                                           (uint32_t)(i + 1) * period_ms));
  }
}
