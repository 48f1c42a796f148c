/* Gestures in a recording, reading by reading as an accelerometer would hand it over: TensorFlow
   Lite for Microcontrollers' "magic wand". On this computer a CSV file of x,y,z in milli-g can be
   named on the command line; without one, and on boards, it is the recording that was built in. */
#include "board.h"
#include "built_in.h"
#include "gesture.h"
#include "recording.h"
#include "text.h"

#if __STDC_HOSTED__
#include "host/files.h"
#endif

static const char *const labels[] = TB_GESTURE_LABELS;
static struct tb_gesture gesture;
static uint32_t gestures;

static void tell(const struct tb_decision *decision) {
  if (!decision->found) return;
  gestures++;
  write_number(decision->time_ms);
  board_write(" ms: ");
  board_write(labels[decision->label]);
  board_write(", score ");
  write_number((uint32_t)decision->score);
  board_write("/255\n");
}

static void feel(const int16_t reading[3]) {
  if (tb_gesture_update(&gesture, reading)) tell(&gesture.decision);
}

static int play(struct recording file, const char *name) {
  int16_t reading[3];
  int found;
  uint32_t count = 0;
  tb_gesture_reset(&gesture);
  recording_header(&file);
  for (; (found = recording_reading(&file, reading)) == 1; count++) feel(reading);
  if (found < 0 || count == 0) {
    board_write(name);
    board_write(" is no CSV file of x,y,z in milli-g, whole numbers\n");
    return 2;
  }
  /* Held still until all else has left the model's input. */
  for (uint32_t i = 0; i < TB_GESTURE_READINGS; i++) feel(reading);
  if (!gestures) board_write("no gesture found\n");
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
  return play(file, name);
}
#else
int main(void) {
  const struct recording file = {built_in, sizeof built_in};
  board_init();
  return play(file, "the recording");
}
#endif
