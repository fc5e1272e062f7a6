/* SPDX-License-Identifier: 0BSD */
/* Contract of family mul_fixed_q8: TFLite's product of two 8-bit tensors.
 *
 *   y = clamp(qcc_fixed_double((a - a_zero) * (b - b_zero), multiplier, shift) + y_zero, y_min, y_max)     (requantize.h)
 *
 * b repeats: element i of row r is b[r * b_row + i * b_column]. y may alias a or b exactly. */
#ifndef QCC_MUL_FIXED_Q8_H
#define QCC_MUL_FIXED_Q8_H

#include "qcc/requantize.h"

struct qcc_mul_fixed_q8_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
  int32_t a_signed, b_signed;
};

struct qcc_mul_fixed_q8_data {
  int32_t a_zero, b_zero, y_zero, multiplier, shift, y_min, y_max;
};

typedef void qcc_mul_fixed_q8_fn(struct qcc_mul_fixed_q8_params p, struct qcc_mul_fixed_q8_data d, const uint8_t *a,
                                 const uint8_t *b, uint8_t *y);

#endif
