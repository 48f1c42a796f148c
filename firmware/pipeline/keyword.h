/* From sound to words: features of the last second, the model, the average of its scores. */
#ifndef KEYWORD_H
#define KEYWORD_H

#include "audio.h"
#include "model.h"
#include "model_settings.h"
#include "recognizer.h"

struct keyword {
  struct audio audio;
  struct recognizer recognizer;
  uint32_t hops;   /* since the start */
  uint32_t oldest; /* of the frames */
  struct heard heard;
  uint16_t features[AUDIO_CHANNELS];
  uint8_t scores[RECOGNIZER_LABELS];
  int8_t frames[KEYWORD_FRAMES][AUDIO_CHANNELS];
};

/* What a hop goes through, in order, for a profile; the net and the decision are made every
   KEYWORD_HOPS hops. The last two give 1 when they did something. */
void keyword_window(struct keyword *keyword, const int16_t hop[AUDIO_HOP]);
void keyword_transform(struct keyword *keyword);
void keyword_filter(struct keyword *keyword);
void keyword_reduce_noise(struct keyword *keyword);
void keyword_gain(struct keyword *keyword);
void keyword_append(struct keyword *keyword);
int keyword_infer(struct keyword *keyword);
int keyword_decide(struct keyword *keyword);

/* As after a second of silence. */
void keyword_reset(struct keyword *keyword);

/* All of them: 1 if there was an inference, and `keyword->heard` is what came of it. */
int keyword_hear(struct keyword *keyword, const int16_t hop[AUDIO_HOP]);

#endif
