/* SPDX-License-Identifier: 0BSD */
/* Contract of family quantize: f32 -> 8 bit, optionally transposing on the way.
 *
 *   y[i,j] = clamp(rne(x[i*x_row + j*x_column] / scale) + zero, y_min, y_max)      i < rows, j < columns, y row-major
 *
 * outer blocks of rows*columns follow each other in both tensors. x_row = columns, x_column = 1 is the plain case;
 * quantize_away_q8: the same with ties away from zero, TFLite's rounding; NaN becomes y_min.
 * x_row = 1, x_column = rows turns NCHW planes into NHWC. NaN becomes what qcc_quantize_f32 says. */
#ifndef QCC_QUANTIZE_H
#define QCC_QUANTIZE_H

#include "qcc/base.h"

struct qcc_quantize_params {
  int32_t outer, rows, columns;
  int32_t x_row, x_column;
  int32_t y_signed;
};

struct qcc_quantize_data {
  float scale;
  int32_t zero, y_min, y_max;
};

/* v to nearest, ties away from zero; |v| < 2^31. */
QCC_INLINE int32_t qcc_round_away(float v) {
  const int32_t whole = (int32_t)v;
  const float rest = v - (float)whole;
  return whole + (rest >= 0.5f ? 1 : rest <= -0.5f ? -1 : 0);
}

typedef void qcc_quantize_fn(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x, uint8_t *y);
typedef void qcc_quantize_away_q8_fn(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x, uint8_t *y);

#endif
