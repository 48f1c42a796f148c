/* output = input, below zero times a slope: int16 codes; see tb_prelu.h */
#ifndef TB_PRELU_S16_H
#define TB_PRELU_S16_H

#include "tb_prelu.h"

TB_PRELU(tb_prelu_s16, tb_i16, INT16_MIN, INT16_MAX)

#endif
