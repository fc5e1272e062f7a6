/* SPDX-License-Identifier: 0BSD */
/* Contract of family resize_linear_f32: bilinear interpolation of two dimensions, x [n][h][w][c] -> y [n][oh][ow][c].
 *
 *   row[2i], row[2i+1]       the two rows output row i lies between; negative: it lies outside of the image
 *   row_weight[2i], [2i+1]   the weight of each; the same for columns
 *   y = (((c0 * r0) * x[row0][col0] + (c1 * r0) * x[row0][col1]) + (c0 * r1) * x[row1][col0]) + (c1 * r1) * x[row1][col1]
 *
 * each operation rounded, in this order; `outside` where the row or the column lies outside. x and y do not overlap. */
#ifndef QCC_RESIZE_LINEAR_F32_H
#define QCC_RESIZE_LINEAR_F32_H

#include "qcc/base.h"

struct qcc_resize_linear_f32_params {
  int32_t n, h, w, c, oh, ow;
};

struct qcc_resize_linear_f32_data {
  float outside;
};

typedef void qcc_resize_linear_f32_fn(struct qcc_resize_linear_f32_params p, struct qcc_resize_linear_f32_data d,
                                      const float *x, const int32_t *row, const float *row_weight, const int32_t *col,
                                      const float *col_weight, float *y);

#endif
