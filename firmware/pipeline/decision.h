/* What comes of an inference, for words and for gestures. */
#ifndef TB_DECISION_H
#define TB_DECISION_H

#include <stdint.h>

struct tb_decision {
  uint32_t time_ms; /* since the start: the end of the input that it was made of */
  int32_t label;    /* the one with the highest score; -1 for none */
  int32_t score;    /* 255 is sure */
  int32_t found;    /* 1 if this is news: act on it */
};

#endif
