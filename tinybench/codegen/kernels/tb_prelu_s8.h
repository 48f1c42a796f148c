/* output = input, below zero times a slope: int8 codes; see tb_prelu.h */
#ifndef TB_PRELU_S8_H
#define TB_PRELU_S8_H

#include "tb_prelu.h"

TB_PRELU(tb_prelu_s8, int8_t, INT8_MIN, INT8_MAX)

#endif
