/* SPDX-License-Identifier: 0BSD */
/* Contract of family add_fixed_q8: TFLite's sum (difference) of two 8-bit tensors, in fixed point.
 *
 *   p = qcc_divide_power(qcc_high_multiply((a - a_zero) << 20, a_multiplier), a_right)      q likewise        (fixed_point.h)
 *   y = clamp(qcc_divide_power(qcc_high_multiply(p + q, y_multiplier), y_right) + y_zero, y_min, y_max)
 *
 * p (q) is negated where a_negative (b_negative) is 1. Multipliers have bit 30 set; the compiler has proved that rights are
 * 0 to 31. Where `linear` is not 0 it is the shift, 16 to 24, of a form that the compiler has compared with the one above for
 * every pair of bytes:
 *
 *   y = clamp((a * a_factor + b * b_factor + constant) >> linear, y_min, y_max)
 *
 * of which no product, no product with the constant and no sum leaves 32 bits. Of `d` it reads these and the bounds alone.
 * b repeats: element i of row r is b[r * b_row + i * b_column]. y may alias a or b exactly. */
#ifndef QCC_ADD_FIXED_Q8_H
#define QCC_ADD_FIXED_Q8_H

#include "qcc/fixed_point.h"

struct qcc_add_fixed_q8_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
  int32_t a_signed, b_signed;
  int32_t a_negative, b_negative;
  int32_t ties; /* 0: for no a and b does it show whether ties go up or away from zero (proved) */
  int32_t linear;
  int32_t full; /* y_min..y_max is all of s8 (1), of u8 (2), or less (0) */
};

struct qcc_add_fixed_q8_data {
  int32_t a_zero, a_multiplier, a_right;
  int32_t b_zero, b_multiplier, b_right;
  int32_t y_zero, y_multiplier, y_right;
  int32_t y_min, y_max;
  int32_t a_factor, b_factor, constant;
};

typedef void qcc_add_fixed_q8_fn(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                 const uint8_t *b, uint8_t *y);

#endif
