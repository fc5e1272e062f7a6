/* SPDX-License-Identifier: 0BSD */
/* Contract of family move: a strided copy, which serves transpose, slice, expand, tile and concat.
 *
 *   y[y_first + y0*i0 + ... + y5*i5] = x[x_first + x0*i0 + ... + x5*i5]     for every index below d0..d5
 *
 * Strides and firsts count elements of `size` bytes (1, 2, 4 or 8). Strides of x may be negative (a slice backwards) or 0
 * (a repetition). x and y do not overlap; what of y no index reaches is left alone. */
#ifndef QCC_MOVE_H
#define QCC_MOVE_H

#include "qcc/base.h"

struct qcc_move_params {
  int32_t size;
  int32_t x_first, y_first;
  int32_t d0, d1, d2, d3, d4, d5;
  int32_t x0, x1, x2, x3, x4, x5;
  int32_t y0, y1, y2, y3, y4, y5;
};

typedef void qcc_move_fn(struct qcc_move_params p, const void *x, void *y);

#endif
