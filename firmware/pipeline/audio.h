/* Audio features: what the keyword models of TensorFlow Lite for Microcontrollers hear, bit for bit
   its front end's. 16 kHz in hops of 20 ms; from windows of 30 ms come 40 channels on the mel scale,
   less the noise that lasts, with automatic gain, as logarithms. */
#ifndef AUDIO_H
#define AUDIO_H

#include <stdint.h>

#include "fft.h"

#define AUDIO_RATE 16000
#define AUDIO_HOP 320
#define AUDIO_HOP_MS 20
#define AUDIO_CHANNELS 40

struct audio {
  int16_t previous[AUDIO_HOP];
  uint32_t noise[AUDIO_CHANNELS]; /* its estimate, with 10 fractional bits */
  /* What follows need not outlive a hop. */
  struct fft_point points[FFT_POINTS];
  uint32_t channels[AUDIO_CHANNELS];
  int32_t shift; /* by which the loudest sample of the window can be scaled up */
};

/* The stages of a frame, in order. */
void audio_window(struct audio *audio, const int16_t hop[AUDIO_HOP]);
void audio_transform(struct audio *audio);
void audio_filter(struct audio *audio);
void audio_reduce_noise(struct audio *audio);
void audio_gain(struct audio *audio);
void audio_logarithm(const struct audio *audio, uint16_t features[AUDIO_CHANNELS]);

void audio_reset(struct audio *audio);

/* The first hop after a reset completes no window: it is only kept. */
void audio_first(struct audio *audio, const int16_t hop[AUDIO_HOP]);

/* All stages: the frame of the hop before this one and of the first half of this. */
void audio_frame(struct audio *audio, const int16_t hop[AUDIO_HOP],
                 uint16_t features[AUDIO_CHANNELS]);

#endif
