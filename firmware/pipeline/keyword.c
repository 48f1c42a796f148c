#include "keyword.h"

#include "scores.h"
#include "tb_memory.h"

static const struct tb_recognizer_settings settings = {
    TB_KEYWORD_AVERAGE_MS, TB_KEYWORD_SUPPRESSION_MS, TB_KEYWORD_MINIMUM_COUNT,
    TB_KEYWORD_THRESHOLD, TB_KEYWORD_SILENCE,
};

void tb_keyword_reset(struct tb_keyword *keyword) {
  memset(keyword, 0, sizeof *keyword);
  memset(keyword->frames, INT8_MIN, sizeof keyword->frames);
  tb_audio_reset(&keyword->audio);
  tb_recognizer_reset(&keyword->recognizer, &settings);
}

/* A window is complete from the second hop on. */
static int complete(const struct tb_keyword *keyword) { return keyword->hops > 1; }
static int due(const struct tb_keyword *keyword) { return keyword->hops % TB_KEYWORD_HOPS == 0; }

void tb_keyword_window(struct tb_keyword *keyword, const int16_t hop[TB_AUDIO_HOP]) {
  keyword->hops++;
  if (complete(keyword)) {
    tb_audio_window(&keyword->audio, hop);
  } else {
    tb_audio_first(&keyword->audio, hop);
  }
}

void tb_keyword_transform(struct tb_keyword *keyword) {
  if (complete(keyword)) tb_audio_transform(&keyword->audio);
}

void tb_keyword_filter(struct tb_keyword *keyword) {
  if (complete(keyword)) tb_audio_filter(&keyword->audio);
}

void tb_keyword_reduce_noise(struct tb_keyword *keyword) {
  if (complete(keyword)) tb_audio_reduce_noise(&keyword->audio);
}

void tb_keyword_gain(struct tb_keyword *keyword) {
  if (complete(keyword)) tb_audio_gain(&keyword->audio);
}

void tb_keyword_append(struct tb_keyword *keyword) {
  if (!complete(keyword)) return;
  tb_audio_logarithm(&keyword->audio, keyword->features);
  int8_t *frame = keyword->frames[keyword->oldest];
  for (int i = 0; i < TB_AUDIO_CHANNELS; i++) {
    /* As in "micro speech": 666, its 25.6 times 26, becomes the 256 levels of the input. */
    const int32_t code = (keyword->features[i] * 256 + 333) / 666 - 128;
    frame[i] = (int8_t)(code > 127 ? 127 : code);
  }
  if (++keyword->oldest == TB_KEYWORD_FRAMES) keyword->oldest = 0;
}

static void feed(TB_KEYWORD_INPUT_TYPE *to, const int8_t *from, uint32_t count) {
#ifdef TB_KEYWORD_INPUT_CODES
  for (uint32_t i = 0; i < count; i++) to[i] = tb_keyword_input_codes[from[i] + 128];
#else
  memcpy(to, from, count);
#endif
}

int tb_keyword_infer(struct tb_keyword *keyword) {
  if (!due(keyword)) return 0;
  const uint32_t newer = keyword->oldest * TB_AUDIO_CHANNELS;
  const uint32_t older = sizeof keyword->frames - newer;
  feed(TB_KEYWORD_INPUT, keyword->frames[keyword->oldest], older);
  feed(TB_KEYWORD_INPUT + older, keyword->frames[0], newer);
  TB_KEYWORD_INVOKE();
  for (int i = 0; i < TB_RECOGNIZER_LABELS; i++) {
    keyword->scores[i] = tb_score(TB_KEYWORD_OUTPUT(i));
  }
  return 1;
}

int tb_keyword_decide(struct tb_keyword *keyword) {
  if (!due(keyword)) return 0;
  keyword->decision = tb_recognizer_update(&keyword->recognizer, &settings, keyword->scores,
                                           keyword->hops * TB_AUDIO_HOP_MS);
  return 1;
}

int tb_keyword_update(struct tb_keyword *keyword, const int16_t hop[TB_AUDIO_HOP]) {
  tb_keyword_window(keyword, hop);
  tb_keyword_transform(keyword);
  tb_keyword_filter(keyword);
  tb_keyword_reduce_noise(keyword);
  tb_keyword_gain(keyword);
  tb_keyword_append(keyword);
  return tb_keyword_infer(keyword) && tb_keyword_decide(keyword);
}
