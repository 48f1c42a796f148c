/* From sound to words: features of the last second, the model, the average of its scores. */
#ifndef TB_KEYWORD_H
#define TB_KEYWORD_H

#include "audio.h"
#include "keyword_pipeline.h"
#include "recognizer.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tb_keyword {
  struct tb_audio audio;
  struct tb_recognizer recognizer;
  uint32_t hops;   /* since the start */
  uint32_t oldest; /* of the frames */
  struct tb_decision decision;
  uint16_t features[TB_AUDIO_CHANNELS];
  uint8_t scores[TB_RECOGNIZER_LABELS];
  int8_t frames[TB_KEYWORD_FRAMES][TB_AUDIO_CHANNELS];
};

/* What a hop goes through, in order, for a profile; the net and the decision are made every
   TB_KEYWORD_HOPS hops. The last two give 1 when they did something. */
void tb_keyword_window(struct tb_keyword *keyword, const int16_t hop[TB_AUDIO_HOP]);
void tb_keyword_transform(struct tb_keyword *keyword);
void tb_keyword_filter(struct tb_keyword *keyword);
void tb_keyword_reduce_noise(struct tb_keyword *keyword);
void tb_keyword_gain(struct tb_keyword *keyword);
void tb_keyword_append(struct tb_keyword *keyword);
int tb_keyword_infer(struct tb_keyword *keyword);
int tb_keyword_decide(struct tb_keyword *keyword);

/* As after a second of silence. */
void tb_keyword_reset(struct tb_keyword *keyword);

/* All of them: 1 if there was an inference, and `keyword->decision` is what came of it. */
int tb_keyword_update(struct tb_keyword *keyword, const int16_t hop[TB_AUDIO_HOP]);

#ifdef __cplusplus
}
#endif

#endif
