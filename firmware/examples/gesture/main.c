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

static void tell(const struct tb_decision *decision) {
  if (!decision->found) return;
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

static int play(struct recording file) {
  int16_t reading[3];
  int found;
  uint32_t count = 0;
  tb_gesture_reset(&gesture);
  recording_header(&file);
  for (; (found = recording_reading(&file, reading)) == 1; count++) feel(reading);
  if (found < 0 || count == 0) {
    board_write("the recording is no CSV file of x,y,z in milli-g, whole numbers\n");
    return 2;
  }
  /* Held still until all else has left the model's input. */
  for (uint32_t i = 0; i < TB_GESTURE_READINGS; i++) feel(reading);
  return 0;
}

#if __STDC_HOSTED__
int main(int argc, char **argv) {
  struct recording file = {built_in, sizeof built_in};
  board_init();
  if (argc > 1 && !file_read(argv[1], &file)) {
    board_write("the recording cannot be read\n");
    return 2;
  }
  return play(file);
}
#else
int main(void) {
  const struct recording file = {built_in, sizeof built_in};
  board_init();
  return play(file);
}
#endif
