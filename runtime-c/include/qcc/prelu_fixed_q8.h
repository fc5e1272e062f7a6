/* SPDX-License-Identifier: 0BSD */
/* Contract of family prelu_fixed_q8: TFLite's PReLU of x[rows][columns] with one slope alpha[columns] for each column.
 *
 *   v = x - x_zero
 *   y = clamp(qcc_fixed_double(v, above) + y_zero, y_min, y_max)                            where v >= 0
 *   y = clamp(qcc_fixed_double(v * (alpha - alpha_zero), below) + y_zero, y_min, y_max)     else
 *
 * v * 2^above_shift and the product times 2^below_shift fit 32 bits. y may be x; else no overlap. */
#ifndef QCC_PRELU_FIXED_Q8_H
#define QCC_PRELU_FIXED_Q8_H

#include "qcc/requantize.h"

struct qcc_prelu_fixed_q8_params {
  int32_t rows, columns, x_signed, alpha_signed;
};

struct qcc_prelu_fixed_q8_data {
  int32_t x_zero, alpha_zero, above_multiplier, above_shift, below_multiplier, below_shift, y_zero, y_min, y_max;
};

typedef void qcc_prelu_fixed_q8_fn(struct qcc_prelu_fixed_q8_params p, struct qcc_prelu_fixed_q8_data d, const uint8_t *x,
                                   const uint8_t *alpha, uint8_t *y);

#endif
