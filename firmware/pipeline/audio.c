#include "audio.h"

#include "audio_tables.h"
#include "memory.h"

#define NOISE_BITS 10
/* 0.025, 0.06 and 0.05 in 14 bits: how fast the noise estimate follows the signal in even and odd
   channels, and what always remains of the signal. */
#define NOISE_ONE (1u << 14)
#define NOISE_EVEN 409u
#define NOISE_ODD 983u
#define NOISE_REMAINS 819u
#define GAIN_SHIFT 6
#define LOG_INPUT_BITS 3
#define LOG_E 45426u /* ln 2 in 16 bits */
#define LOG_OUTPUT_BITS 6

static int bits_of(uint32_t x) { return x == 0 ? 0 : 32 - __builtin_clz(x); }

void audio_reset(struct audio *audio) { memset(audio, 0, sizeof *audio); }

void audio_first(struct audio *audio, const int16_t hop[AUDIO_HOP]) {
  memcpy(audio->previous, hop, sizeof audio->previous);
}

static int32_t product(int32_t sample, int32_t coefficient) { return sample * coefficient >> 12; }

static uint32_t magnitude(int32_t x) { return (uint32_t)(x < 0 ? -x : x); }

/* Points from number `from` up to `to`, each of two samples, times the half window from `at` on,
   up or down; returns the bits that they take. */
static uint32_t windowed(struct fft_point *points, const int16_t *samples, int from, int to, int at,
                         int step) {
  uint32_t bits = 0;
  for (int i = from; i < to; i++, samples += 2, at += 2 * step) {
    const int32_t real = product(samples[0], audio_window_half[at]);
    const int32_t imaginary = product(samples[1], audio_window_half[at + step]);
    bits |= magnitude(real) | magnitude(imaginary);
    points[audio_places[i]].real = (int16_t)real;
    points[audio_places[i]].imaginary = (int16_t)imaginary;
  }
  return bits;
}

void audio_window(struct audio *audio, const int16_t hop[AUDIO_HOP]) {
  const struct fft_point nothing = {0, 0};
  struct fft_point *const points = audio->points;
  uint32_t bits = windowed(points, audio->previous, 0, 120, 0, 1) |
                  windowed(points, audio->previous + 240, 120, 160, 239, -1) |
                  windowed(points, hop, 160, 240, 159, -1);
  for (int i = 240; i < FFT_POINTS; i++) points[audio_places[i]] = nothing;
  /* The magnitude of -32768 is not seen, as in 16 bits. */
  audio->shift = 15 - bits_of(bits & 0x7fff);
  memcpy(audio->previous, hop, sizeof audio->previous);
}

void audio_transform(struct audio *audio) { fft_real(audio->points, audio->shift); }

/* The whole part of the square root of x < 2^44, and what remains of x: two bits of x give one of
   the root as long as x fits into 32 bits, then a division gives the rest of them at once. */
static uint32_t root_of(uint64_t x, uint32_t *remainder) {
  const uint32_t high = (uint32_t)(x >> 32);
  const int extra = (bits_of(high) + 1) / 2;
  uint32_t rest = (uint32_t)(x >> (2 * extra)), found = 0;
  uint32_t bit = 1u << 30;
  while (bit > rest) bit >>= 2;
  for (; bit != 0; bit >>= 2) {
    const uint32_t tried = found + bit;
    found >>= 1;
    if (rest >= tried) {
      rest -= tried;
      found += bit;
    }
  }
  if (extra != 0) {
    const uint32_t below = (uint32_t)x & ((1u << 2 * extra) - 1);
    const uint32_t dividend = rest << extra | below >> extra;
    const uint32_t more = dividend / (2 * found);
    const uint32_t left = (dividend - more * 2 * found) << extra | (below & ((1u << extra) - 1));
    found = (found << extra) + more;
    rest = left - more * more;
    if (left < more * more) rest += 2 * --found + 1;
  }
  *remainder = rest;
  return found;
}

/* The square root to the nearest; of what has 32 bits it does not become 65536. */
static uint32_t root(uint64_t x) {
  uint32_t rest;
  const uint32_t found = root_of(x, &rest);
  return found + (rest > found && !(found == 0xffff && x >> 32 == 0));
}

void audio_filter(struct audio *audio) {
  const struct fft_point *point = audio->points + AUDIO_FIRST_BIN;
  const uint16_t *weight = audio_weights;
  uint64_t falling = 0;
  for (int band = 0; band <= AUDIO_CHANNELS; band++) {
    uint64_t rising = 0;
    uint32_t energies = 0;
    for (int i = 0; i < audio_widths[band]; i++, point++, weight++) {
      uint32_t energy = (uint32_t)(point->real * point->real + point->imaginary * point->imaginary);
      energies += energy;
      rising += (uint64_t)energy * *weight;
    }
    if (band > 0) audio->channels[band - 1] = root(falling + rising) >> audio->shift;
    falling = ((uint64_t)energies << 12) - rising;
  }
}

void audio_reduce_noise(struct audio *audio) {
  for (int i = 0; i < AUDIO_CHANNELS; i++) {
    const uint32_t follow = i % 2 == 0 ? NOISE_EVEN : NOISE_ODD;
    const uint32_t signal = audio->channels[i], fine = signal << NOISE_BITS;
    const uint64_t both =
        (uint64_t)fine * follow + (uint64_t)audio->noise[i] * (NOISE_ONE - follow);
    const uint32_t noise = (uint32_t)(both >> 14);
    const uint32_t least = (uint32_t)((uint64_t)signal * NOISE_REMAINS >> 14);
    const uint32_t rest = noise > fine ? 0 : (fine - noise) >> NOISE_BITS;
    audio->noise[i] = noise;
    audio->channels[i] = rest > least ? rest : least;
  }
}

/* A parabola over the octave of x. */
static uint32_t gain_of(uint32_t x) {
  if (x <= 2) return (uint32_t)audio_gains[x];
  const int bits = bits_of(x);
  const int16_t *parabola = &audio_gains[3 * bits - 4];
  const int32_t fraction = (int32_t)((bits < 11 ? x << (11 - bits) : x >> (bits - 11)) & 0x3ff);
  const int32_t slope = (parabola[2] * fraction >> 5) + parabola[1] * 32;
  return (uint32_t)(int16_t)(((slope * fraction + (1 << 14)) >> 15) + parabola[0]);
}

void audio_gain(struct audio *audio) {
  for (int i = 0; i < AUDIO_CHANNELS; i++) {
    const uint64_t loud = (uint64_t)audio->channels[i] * gain_of(audio->noise[i]);
    const uint32_t ratio = (uint32_t)(loud >> GAIN_SHIFT);
    audio->channels[i] = ratio < 8192 ? ratio * ratio >> 20 : (ratio >> 6) - 64;
  }
}

/* 64 ln x. */
static uint32_t logarithm(uint32_t x) {
  const int whole = bits_of(x) - 1;
  const uint32_t above = x - (1u << whole);
  const uint32_t fraction = whole < 16 ? above << (16 - whole) : above >> (whole - 16);
  const uint32_t segment = fraction >> 9;
  const int32_t from = audio_logarithms[segment], to = audio_logarithms[segment + 1];
  const int32_t between = (to - from) * (int32_t)(fraction & 511) >> 16;
  const uint32_t log2 = ((uint32_t)whole << 16) + fraction + (uint32_t)(from + between);
  const uint32_t natural = (uint32_t)(((uint64_t)LOG_E * log2 + 32768) >> 16);
  return ((natural << LOG_OUTPUT_BITS) + 32768) >> 16;
}

void audio_logarithm(const struct audio *audio, uint16_t features[AUDIO_CHANNELS]) {
  for (int i = 0; i < AUDIO_CHANNELS; i++) {
    const uint32_t value = audio->channels[i] << LOG_INPUT_BITS;
    features[i] = (uint16_t)(value > 1 ? logarithm(value) : 0);
  }
}

void audio_frame(struct audio *audio, const int16_t hop[AUDIO_HOP],
                 uint16_t features[AUDIO_CHANNELS]) {
  audio_window(audio, hop);
  audio_transform(audio);
  audio_filter(audio);
  audio_reduce_noise(audio);
  audio_gain(audio);
  audio_logarithm(audio, features);
}
