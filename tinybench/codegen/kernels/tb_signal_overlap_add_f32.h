/* Frames of floats that overlap are added; see tb_signal_overlap_add.h */
#ifndef TB_SIGNAL_OVERLAP_ADD_F32_H
#define TB_SIGNAL_OVERLAP_ADD_F32_H

#include "tb_signal_overlap_add.h"

static inline float tb_signal_sum_f32(float sample, float before) { return sample + before; }

TB_SIGNAL_OVERLAP_ADD(tb_signal_overlap_add_f32, tb_f32, tb_signal_sum_f32)

#endif
