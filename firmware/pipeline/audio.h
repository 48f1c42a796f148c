/* Audio features: what the keyword models of TensorFlow Lite for Microcontrollers take, bit for bit
   its front end's. 16 kHz in hops of 20 ms; from windows of 30 ms come 40 channels on the mel scale,
   less the noise that lasts, with automatic gain, as logarithms. */
#ifndef TB_AUDIO_H
#define TB_AUDIO_H

#include <stdint.h>

#include "fft.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TB_AUDIO_RATE 16000
#define TB_AUDIO_HOP 320
#define TB_AUDIO_HOP_MS 20
#define TB_AUDIO_CHANNELS 40

struct tb_audio {
  int16_t previous[TB_AUDIO_HOP];
  uint32_t noise[TB_AUDIO_CHANNELS]; /* its estimate, with 10 fractional bits */
  /* What follows need not outlive a hop. */
  struct tb_fft_point points[TB_FFT_POINTS];
  uint32_t channels[TB_AUDIO_CHANNELS];
  int32_t shift; /* by which the loudest sample of the window can be scaled up */
};

/* The stages of a frame, in order. */
void tb_audio_window(struct tb_audio *audio, const int16_t hop[TB_AUDIO_HOP]);
void tb_audio_transform(struct tb_audio *audio);
void tb_audio_filter(struct tb_audio *audio);
void tb_audio_reduce_noise(struct tb_audio *audio);
void tb_audio_gain(struct tb_audio *audio);
void tb_audio_logarithm(const struct tb_audio *audio, uint16_t features[TB_AUDIO_CHANNELS]);

void tb_audio_reset(struct tb_audio *audio);

/* The first hop after a reset completes no window: it is only kept. */
void tb_audio_first(struct tb_audio *audio, const int16_t hop[TB_AUDIO_HOP]);

/* All stages: the frame of the hop before this one and of the first half of this. */
void tb_audio_frame(struct tb_audio *audio, const int16_t hop[TB_AUDIO_HOP],
                    uint16_t features[TB_AUDIO_CHANNELS]);

#ifdef __cplusplus
}
#endif

#endif
