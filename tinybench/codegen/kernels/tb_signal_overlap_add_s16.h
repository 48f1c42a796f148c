/* Frames of 16 bits that overlap are added; see tb_signal_overlap_add.h
 *
 * Sums end at the limits of 16 bits. */
#ifndef TB_SIGNAL_OVERLAP_ADD_S16_H
#define TB_SIGNAL_OVERLAP_ADD_S16_H

#include "tb_signal_overlap_add.h"

static inline int16_t tb_signal_sum_s16(int32_t sample, int32_t before) {
  return (int16_t)tb_clamp(sample + before, -32768, 32767);
}

TB_SIGNAL_OVERLAP_ADD(tb_signal_overlap_add_s16, tb_i16, tb_signal_sum_s16)

#endif
