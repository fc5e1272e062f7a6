/* SPDX-License-Identifier: 0BSD */
/* Contract of family dequantize: stored integers -> f32, optionally transposing on the way.
 *
 *   y[i,j] = f32(x[i*x_row + j*x_column] - zero) * scale         the difference is exact in int32
 *
 * Layout members as in quantize.h. `element`: 0 u8, 1 s8, 2 s32. */
#ifndef QCC_DEQUANTIZE_H
#define QCC_DEQUANTIZE_H

#include "qcc/base.h"

struct qcc_dequantize_params {
  int32_t outer, rows, columns;
  int32_t x_row, x_column;
  int32_t element;
};

struct qcc_dequantize_data {
  float scale;
  int32_t zero;
};

typedef void qcc_dequantize_fn(struct qcc_dequantize_params p, struct qcc_dequantize_data d, const void *x, float *y);

#endif
