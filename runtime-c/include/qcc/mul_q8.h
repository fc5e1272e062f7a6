/* SPDX-License-Identifier: 0BSD */
/* Contract of family mul_q8: product of two 8-bit tensors.
 *
 *   y = clamp(rne(f32(f32(p) * scale) + f32(y_zero)), y_min, y_max)        p = (a - a_zero) * (b - b_zero), exact
 *
 * scale = f32(f32(Sa*Sb)/Sy). Unlike a requantization the zero point is inside the rounding: this is ONNX Runtime's x86
 * formula. An s8 result is rounded as the u8 one: y_zero, the bounds and y are 128 higher until it is stored. b repeats as
 * in add_q8.h. y may alias a or b exactly. */
#ifndef QCC_MUL_Q8_H
#define QCC_MUL_Q8_H

#include "qcc/base.h"

struct qcc_mul_q8_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
  int32_t a_signed, b_signed, y_signed;
};

struct qcc_mul_q8_data {
  int32_t a_zero, b_zero;
  float scale;
  int32_t y_zero, y_min, y_max;
};

typedef void qcc_mul_q8_fn(struct qcc_mul_q8_params p, struct qcc_mul_q8_data d, const uint8_t *a, const uint8_t *b,
                           uint8_t *y);

#endif
