#include "keyword.h"

#include "memory.h"
#include "scores.h"

static const struct recognizer_settings settings = {
    KEYWORD_AVERAGE_MS, KEYWORD_SUPPRESSION_MS, KEYWORD_MINIMUM_COUNT, KEYWORD_THRESHOLD,
    KEYWORD_SILENCE,
};

void keyword_reset(struct keyword *keyword) {
  memset(keyword, 0, sizeof *keyword);
  memset(keyword->frames, INT8_MIN, sizeof keyword->frames);
  audio_reset(&keyword->audio);
  recognizer_reset(&keyword->recognizer, &settings);
}

/* A window is complete from the second hop on. */
static int complete(const struct keyword *keyword) { return keyword->hops > 1; }
static int due(const struct keyword *keyword) { return keyword->hops % KEYWORD_HOPS == 0; }

void keyword_window(struct keyword *keyword, const int16_t hop[AUDIO_HOP]) {
  keyword->hops++;
  if (complete(keyword)) {
    audio_window(&keyword->audio, hop);
  } else {
    audio_first(&keyword->audio, hop);
  }
}

void keyword_transform(struct keyword *keyword) {
  if (complete(keyword)) audio_transform(&keyword->audio);
}

void keyword_filter(struct keyword *keyword) {
  if (complete(keyword)) audio_filter(&keyword->audio);
}

void keyword_reduce_noise(struct keyword *keyword) {
  if (complete(keyword)) audio_reduce_noise(&keyword->audio);
}

void keyword_gain(struct keyword *keyword) {
  if (complete(keyword)) audio_gain(&keyword->audio);
}

void keyword_append(struct keyword *keyword) {
  if (!complete(keyword)) return;
  audio_logarithm(&keyword->audio, keyword->features);
  int8_t *frame = keyword->frames[keyword->oldest];
  for (int i = 0; i < AUDIO_CHANNELS; i++) {
    /* As in "micro speech": 666, its 25.6 times 26, becomes the 256 levels of the input. */
    const int32_t code = (keyword->features[i] * 256 + 333) / 666 - 128;
    frame[i] = (int8_t)(code > 127 ? 127 : code);
  }
  if (++keyword->oldest == KEYWORD_FRAMES) keyword->oldest = 0;
}

static void feed(MODEL_INPUT_0_TYPE *to, const int8_t *from, uint32_t count) {
#ifdef KEYWORD_INPUT_CODES
  for (uint32_t i = 0; i < count; i++) to[i] = keyword_input_codes[from[i] + 128];
#else
  memcpy(to, from, count);
#endif
}

int keyword_infer(struct keyword *keyword) {
  if (!due(keyword)) return 0;
  const uint32_t newer = keyword->oldest * AUDIO_CHANNELS;
  const uint32_t older = sizeof keyword->frames - newer;
  feed(MODEL_INPUT_0, keyword->frames[keyword->oldest], older);
  feed(MODEL_INPUT_0 + older, keyword->frames[0], newer);
  model_invoke();
  model_scores(keyword->scores);
  return 1;
}

int keyword_decide(struct keyword *keyword) {
  if (!due(keyword)) return 0;
  keyword->heard = recognizer_update(&keyword->recognizer, &settings, keyword->scores,
                                     keyword->hops * AUDIO_HOP_MS);
  return 1;
}

int keyword_hear(struct keyword *keyword, const int16_t hop[AUDIO_HOP]) {
  keyword_window(keyword, hop);
  keyword_transform(keyword);
  keyword_filter(keyword);
  keyword_reduce_noise(keyword);
  keyword_gain(keyword);
  keyword_append(keyword);
  return keyword_infer(keyword) && keyword_decide(keyword);
}
