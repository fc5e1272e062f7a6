/* SPDX-License-Identifier: 0BSD */
/* Contracts of TFLite's arithmetic on int16 tensors whose zero points are 0.
 *
 * add_fixed_s16  p = qcc_divide_power(qcc_high_multiply(a << 15, a_multiplier), a_right), q likewise                (fixed_point.h)
 *                y = clamp(qcc_divide_power(qcc_high_multiply(p + q, y_multiplier), y_right), y_min, y_max)
 *                p (q) is negated where a_negative (b_negative) is 1. powers = 1: p = qcc_divide_power(a, a_right), q likewise,
 *                y = clamp(p + q, y_min, y_max). The compiler has proved that rights are 0 to 31.
 * mul_fixed_s16  y = clamp(qcc_fixed_double(a * b, multiplier, shift), y_min, y_max), shift <= 0                    (requantize.h)
 *                b repeats in both: element i of row r is b[r * b_row + i * b_column]. y may alias a or b exactly.
 * mean_fixed_s16 y[o,i] = clamp(qcc_fixed_double(sum over k of x[o,k,i], multiplier, shift), y_min, y_max), x [outer,count,inner],
 *                count <= 2^15
 * max_pool_s16, average_pool_fixed_s16: as the families of 8 bits (pool_q8.h), x_zero = 0, windows of at most 2^15 positions
 * rescale_fixed  v = x - x_zero, y = clamp(qcc_fixed_double(v, above_multiplier, above_shift) + y_zero, y_min, y_max) where v >= 0,
 *                else with below_multiplier and below_shift, negated if `negates`. x_element, y_element: U8 0, S8 1, S16 2
 * curve_fixed_s16  s = (x * multiplier + 2^right / 2) >> right, then sigmoid(s / (24 * 512)) or, if is_tanh, tanh(s / (48 * 256)) in
 *                units of 2^-15, interpolated between the 256 entries of `table`; multiplier < 2^16, right <= 31. y may be x.
 * softmax_s16    each row of x: e = exponentials(fixed(x - max) + 32767), y = e / sum of e in units of 2^-15, by `reciprocals`;
 *                tables of 513 entries, interpolated over 128 values (twin of src/quant/wide-functions.ts). At most 2^15 columns. y may be x.
 * quantize_away_s16  y = saturate(round(f32(x / scale)), y_min, y_max), ties away from zero, `columns` values; NaN becomes y_min
 * resize_linear_fixed_s16  resize_linear_fixed_q8.h on int16 */
#ifndef QCC_FIXED_S16_H
#define QCC_FIXED_S16_H

#include "qcc/pool_q8.h"
#include "qcc/quantize.h"
#include "qcc/resize_linear_fixed_q8.h"
#include "qcc/wide.h"

struct qcc_add_fixed_s16_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
  int32_t a_negative, b_negative;
  int32_t powers;
};

struct qcc_add_fixed_s16_data {
  int32_t a_multiplier, a_right;
  int32_t b_multiplier, b_right;
  int32_t y_multiplier, y_right;
  int32_t y_min, y_max;
};

struct qcc_mul_fixed_s16_params {
  int32_t rows, columns;
  int32_t b_row, b_column;
};

struct qcc_mul_fixed_s16_data {
  int32_t multiplier, shift, y_min, y_max;
};

struct qcc_mean_fixed_s16_params {
  int32_t outer, count, inner;
};

struct qcc_mean_fixed_s16_data {
  int32_t multiplier, shift, y_min, y_max;
};

struct qcc_rescale_fixed_params {
  int32_t count, x_element, y_element, negates;
};

struct qcc_rescale_fixed_data {
  int32_t x_zero, y_zero, above_multiplier, above_shift, below_multiplier, below_shift, y_min, y_max;
};

struct qcc_curve_fixed_s16_params {
  int32_t count, is_tanh;
};

struct qcc_curve_fixed_s16_data {
  int32_t multiplier, right;
};

struct qcc_softmax_s16_params {
  int32_t rows, columns;
};

struct qcc_softmax_s16_data {
  int32_t multiplier, shift;
};

typedef void qcc_add_fixed_s16_fn(struct qcc_add_fixed_s16_params p, struct qcc_add_fixed_s16_data d, const int16_t *a,
                                  const int16_t *b, int16_t *y);
typedef void qcc_mul_fixed_s16_fn(struct qcc_mul_fixed_s16_params p, struct qcc_mul_fixed_s16_data d, const int16_t *a,
                                  const int16_t *b, int16_t *y);
typedef void qcc_mean_fixed_s16_fn(struct qcc_mean_fixed_s16_params p, struct qcc_mean_fixed_s16_data d, const int16_t *x,
                                   int16_t *y);
typedef void qcc_max_pool_s16_fn(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const int16_t *x, int16_t *y);
typedef void qcc_average_pool_fixed_s16_fn(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const int16_t *x, int16_t *y);
typedef void qcc_rescale_fixed_fn(struct qcc_rescale_fixed_params p, struct qcc_rescale_fixed_data d, const void *x, void *y);
typedef void qcc_curve_fixed_s16_fn(struct qcc_curve_fixed_s16_params p, struct qcc_curve_fixed_s16_data d, const int16_t *x,
                                    const uint16_t *table, int16_t *y);
typedef void qcc_softmax_s16_fn(struct qcc_softmax_s16_params p, struct qcc_softmax_s16_data d, const int16_t *x,
                                const int16_t *exponentials, const int16_t *reciprocals, int16_t *y);
typedef void qcc_quantize_away_s16_fn(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x, int16_t *y);
typedef void qcc_resize_linear_fixed_s16_fn(struct qcc_resize_linear_fixed_q8_params p, const int16_t *x, const int32_t *row,
                                            const int32_t *row_weight, const int32_t *col, const int32_t *col_weight, int16_t *y);

#endif
