/* Words in a recording, hop by hop as a microphone would hand it over: TensorFlow Lite for
   Microcontrollers' "micro speech". On this computer a WAV file can be named on the command line;
   without one, and on boards, it is the recording that was built in. */
#include "board.h"
#include "built_in.h"
#include "keyword.h"
#include "recording.h"
#include "text.h"

#if __STDC_HOSTED__
#include "host/files.h"
#endif

/* Hops: a word at the very end is found, too. */
#define SILENCE_AFTER (TB_AUDIO_RATE / TB_AUDIO_HOP)

static const char *const labels[] = TB_KEYWORD_LABELS;
static struct tb_keyword keyword;

/* In a real device this waits for the microphone: have its DMA fill two hops in turn. */
static void fill(int16_t hop[TB_AUDIO_HOP], const struct recording *samples, uint32_t from) {
  for (uint32_t i = 0; i < TB_AUDIO_HOP; i++) {
    const uint32_t at = 2 * (from + i);
    hop[i] = 0;
    if (at < samples->size) {
      hop[i] = (int16_t)(uint16_t)(samples->bytes[at] | samples->bytes[at + 1] << 8);
    }
  }
}

static uint32_t words;

static void tell(const struct tb_decision *decision) {
  if (!decision->found || decision->label == TB_KEYWORD_SILENCE) return;
  words++;
  write_number(decision->time_ms);
  board_write(" ms: ");
  board_write(labels[decision->label]);
  board_write(", score ");
  write_number((uint32_t)decision->score);
  board_write("/255\n");
}

static int play(const struct recording *file, const char *name) {
  static int16_t hop[TB_AUDIO_HOP];
  struct recording samples;
  if (!recording_samples(file, &samples)) {
    board_write(name);
    board_write(" is no 16-bit mono WAV file at 16 kHz\n");
    return 2;
  }
  const uint32_t hops = (samples.size / 2 + TB_AUDIO_HOP - 1) / TB_AUDIO_HOP + SILENCE_AFTER;
  tb_keyword_reset(&keyword);
  for (uint32_t i = 0; i < hops; i++) {
    fill(hop, &samples, i * TB_AUDIO_HOP);
    if (tb_keyword_update(&keyword, hop)) tell(&keyword.decision);
  }
  if (!words) board_write("no word found\n");
  return 0;
}

#if __STDC_HOSTED__
int main(int argc, char **argv) {
  struct recording file = {built_in, sizeof built_in};
  const char *const name = argc > 1 ? argv[1] : "the recording";
  board_init();
  if (argc > 1 && !file_read(name, &file)) {
    board_write(name);
    board_write(" cannot be read\n");
    return 2;
  }
  return play(&file, name);
}
#else
int main(void) {
  const struct recording file = {built_in, sizeof built_in};
  board_init();
  return play(&file, "the recording");
}
#endif
