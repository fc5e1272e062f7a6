/* SPDX-License-Identifier: 0BSD */
/* Contract of family softmax_fixed_q8: TFLite's softmax of each row of 8 stored bits, in fixed point.
 *
 *   e[i] = table[max - x[i]]    Q31        s = sum of qcc_divide_power(e[i], 12), Q12.19
 *   z = leading zeros of s; r = qcc_fixed_reciprocal((s << z) - 2^31)
 *   y[i] = min(qcc_divide_power(qcc_high_multiply(r, e[i]), 35 - z) + smallest stored value, largest)
 *
 * At most 4095 columns, so s does not overflow. y may alias x exactly. table is 64-byte aligned. */
#ifndef QCC_SOFTMAX_FIXED_Q8_H
#define QCC_SOFTMAX_FIXED_Q8_H

#include "qcc/fixed_point.h"

struct qcc_softmax_fixed_q8_params {
  int32_t rows, columns;
  int32_t x_signed, y_signed;
};

typedef void qcc_softmax_fixed_q8_fn(struct qcc_softmax_fixed_q8_params p, const uint8_t *x, const int32_t *table, uint8_t *y);

#endif
