#include "audio.h"

#include "audio_tables.h"
#include "tb_memory.h"

#define TB_AUDIO_NOISE_BITS 10
/* 0.025, 0.06 and 0.05 in 14 bits: how fast the noise estimate follows the signal in even and odd
   channels, and what always remains of the signal. */
#define TB_AUDIO_NOISE_ONE (1u << 14)
#define TB_AUDIO_NOISE_EVEN 409u
#define TB_AUDIO_NOISE_ODD 983u
#define TB_AUDIO_NOISE_REMAINS 819u
#define TB_AUDIO_GAIN_SHIFT 6
#define TB_AUDIO_LOG_INPUT_BITS 3
#define TB_AUDIO_LOG_E 45426u /* ln 2 in 16 bits */
#define TB_AUDIO_LOG_OUTPUT_BITS 6

static int bits_of(uint32_t x) { return x == 0 ? 0 : 32 - __builtin_clz(x); }

void tb_audio_reset(struct tb_audio *audio) { memset(audio, 0, sizeof *audio); }

void tb_audio_first(struct tb_audio *audio, const int16_t hop[TB_AUDIO_HOP]) {
  memcpy(audio->previous, hop, sizeof audio->previous);
}

static int32_t product(int32_t sample, int32_t coefficient) { return sample * coefficient >> 12; }

static uint32_t magnitude(int32_t x) { return (uint32_t)(x < 0 ? -x : x); }

/* Points from number `from` up to `to`, each of two samples, times the half window from `at` on,
   up or down; returns the bits that they take. */
static uint32_t windowed(struct tb_fft_point *points, const int16_t *samples, int from, int to,
                         int at, int step) {
  uint32_t bits = 0;
  for (int i = from; i < to; i++, samples += 2, at += 2 * step) {
    const int32_t real = product(samples[0], tb_audio_window_half[at]);
    const int32_t imaginary = product(samples[1], tb_audio_window_half[at + step]);
    bits |= magnitude(real) | magnitude(imaginary);
    points[tb_audio_places[i]].real = (int16_t)real;
    points[tb_audio_places[i]].imaginary = (int16_t)imaginary;
  }
  return bits;
}

void tb_audio_window(struct tb_audio *audio, const int16_t hop[TB_AUDIO_HOP]) {
  const struct tb_fft_point nothing = {0, 0};
  struct tb_fft_point *const points = audio->points;
  uint32_t bits = windowed(points, audio->previous, 0, 120, 0, 1) |
                  windowed(points, audio->previous + 240, 120, 160, 239, -1) |
                  windowed(points, hop, 160, 240, 159, -1);
  for (int i = 240; i < TB_FFT_POINTS; i++) points[tb_audio_places[i]] = nothing;
  /* The magnitude of -32768 is not seen, as in 16 bits. */
  audio->shift = 15 - bits_of(bits & 0x7fff);
  memcpy(audio->previous, hop, sizeof audio->previous);
}

void tb_audio_transform(struct tb_audio *audio) { tb_fft_real(audio->points, audio->shift); }

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

void tb_audio_filter(struct tb_audio *audio) {
  const struct tb_fft_point *point = audio->points + TB_AUDIO_FIRST_BIN;
  const uint16_t *weight = tb_audio_weights;
  uint64_t falling = 0;
  for (int band = 0; band <= TB_AUDIO_CHANNELS; band++) {
    uint64_t rising = 0;
    uint32_t energies = 0;
    for (int i = 0; i < tb_audio_widths[band]; i++, point++, weight++) {
      uint32_t energy = (uint32_t)(point->real * point->real + point->imaginary * point->imaginary);
      energies += energy;
      rising += (uint64_t)energy * *weight;
    }
    if (band > 0) audio->channels[band - 1] = root(falling + rising) >> audio->shift;
    falling = ((uint64_t)energies << 12) - rising;
  }
}

void tb_audio_reduce_noise(struct tb_audio *audio) {
  for (int i = 0; i < TB_AUDIO_CHANNELS; i++) {
    const uint32_t follow = i % 2 == 0 ? TB_AUDIO_NOISE_EVEN : TB_AUDIO_NOISE_ODD;
    const uint32_t signal = audio->channels[i], fine = signal << TB_AUDIO_NOISE_BITS;
    const uint64_t both =
        (uint64_t)fine * follow + (uint64_t)audio->noise[i] * (TB_AUDIO_NOISE_ONE - follow);
    const uint32_t noise = (uint32_t)(both >> 14);
    const uint32_t least = (uint32_t)((uint64_t)signal * TB_AUDIO_NOISE_REMAINS >> 14);
    const uint32_t rest = noise > fine ? 0 : (fine - noise) >> TB_AUDIO_NOISE_BITS;
    audio->noise[i] = noise;
    audio->channels[i] = rest > least ? rest : least;
  }
}

/* A parabola over the octave of x. */
static uint32_t gain_of(uint32_t x) {
  if (x <= 2) return (uint32_t)tb_audio_gains[x];
  const int bits = bits_of(x);
  const int16_t *parabola = &tb_audio_gains[3 * bits - 4];
  const int32_t fraction = (int32_t)((bits < 11 ? x << (11 - bits) : x >> (bits - 11)) & 0x3ff);
  const int32_t slope = (parabola[2] * fraction >> 5) + parabola[1] * 32;
  return (uint32_t)(int16_t)(((slope * fraction + (1 << 14)) >> 15) + parabola[0]);
}

void tb_audio_gain(struct tb_audio *audio) {
  for (int i = 0; i < TB_AUDIO_CHANNELS; i++) {
    const uint64_t loud = (uint64_t)audio->channels[i] * gain_of(audio->noise[i]);
    const uint32_t ratio = (uint32_t)(loud >> TB_AUDIO_GAIN_SHIFT);
    audio->channels[i] = ratio < 8192 ? ratio * ratio >> 20 : (ratio >> 6) - 64;
  }
}

/* 64 ln x. */
static uint32_t logarithm(uint32_t x) {
  const int whole = bits_of(x) - 1;
  const uint32_t above = x - (1u << whole);
  const uint32_t fraction = whole < 16 ? above << (16 - whole) : above >> (whole - 16);
  const uint32_t segment = fraction >> 9;
  const int32_t from = tb_audio_logarithms[segment], to = tb_audio_logarithms[segment + 1];
  const int32_t between = (to - from) * (int32_t)(fraction & 511) >> 16;
  const uint32_t log2 = ((uint32_t)whole << 16) + fraction + (uint32_t)(from + between);
  const uint32_t natural = (uint32_t)(((uint64_t)TB_AUDIO_LOG_E * log2 + 32768) >> 16);
  return ((natural << TB_AUDIO_LOG_OUTPUT_BITS) + 32768) >> 16;
}

void tb_audio_logarithm(const struct tb_audio *audio, uint16_t features[TB_AUDIO_CHANNELS]) {
  for (int i = 0; i < TB_AUDIO_CHANNELS; i++) {
    const uint32_t value = audio->channels[i] << TB_AUDIO_LOG_INPUT_BITS;
    features[i] = (uint16_t)(value > 1 ? logarithm(value) : 0);
  }
}

void tb_audio_frame(struct tb_audio *audio, const int16_t hop[TB_AUDIO_HOP],
                    uint16_t features[TB_AUDIO_CHANNELS]) {
  tb_audio_window(audio, hop);
  tb_audio_transform(audio);
  tb_audio_filter(audio);
  tb_audio_reduce_noise(audio);
  tb_audio_gain(audio);
  tb_audio_logarithm(audio, features);
}
