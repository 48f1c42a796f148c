/* Products of matrices in batches: where the matrices are, and how to go through them. */
#ifndef TB_MATRICES_H
#define TB_MATRICES_H

#include "tb_walk.h"

struct tb_matrices {
  struct tb_walk walk;             /* to the matrices of each product; a repeated one has step 0 */
  int32_t rows, columns, depth;    /* of the output; what is summed over */
  int32_t first_row, first_step;   /* elements from a row to the next; from one summand to it */
  int32_t second_column, second_step;
};

#endif
