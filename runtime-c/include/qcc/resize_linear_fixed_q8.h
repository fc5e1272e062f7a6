/* SPDX-License-Identifier: 0BSD */
/* Contract of family resize_linear_fixed_q8: TFLite's bilinear interpolation of bytes, x [n][h][w][c] -> y [n][oh][ow][c].
 *
 *   row[2i], row[2i+1]       the two rows output row i lies between
 *   row_weight[2i], [2i+1]   the weight of each, with 10 fraction bits; the same for columns
 *   y = qcc_divide_power(sum over both rows r and columns s of (row_weight * col_weight) * x[r][s], 20)
 *
 * The weights of a row add up to 1024 and are at most 1536 in size, as are those of a column. No overlap. */
#ifndef QCC_RESIZE_LINEAR_FIXED_Q8_H
#define QCC_RESIZE_LINEAR_FIXED_Q8_H

#include "qcc/requantize.h"

struct qcc_resize_linear_fixed_q8_params {
  int32_t n, h, w, c, oh, ow, x_signed;
};

typedef void qcc_resize_linear_fixed_q8_fn(struct qcc_resize_linear_fixed_q8_params p, const uint8_t *x, const int32_t *row,
                                           const int32_t *row_weight, const int32_t *col, const int32_t *col_weight,
                                           uint8_t *y);

#endif
