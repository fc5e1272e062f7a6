/* SPDX-License-Identifier: 0BSD */
/* TFLite's 8-bit arithmetic in plain C: sums, products, means, softmax, quantization; formulas in the contract headers. */
#ifndef QCC_SCALAR_FIXED_Q8_H
#define QCC_SCALAR_FIXED_Q8_H

#include "epilogue.h"
#include "pool_q8.h"
#include "qcc/add_fixed_q8.h"
#include "qcc/mean_fixed_q8.h"
#include "qcc/mul_fixed_q8.h"
#include "qcc/prelu_fixed_q8.h"
#include "qcc/quantize.h"
#include "qcc/resize_linear_fixed_q8.h"
#include "qcc/softmax_fixed_q8.h"

/* The linear form, of two stored values. */
QCC_INLINE uint8_t qcc_linear_sum(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, int32_t a, int32_t b) {
  return (uint8_t)qcc_clamp_stored((a * d.a_factor + d.constant + b * d.b_factor) >> p.linear, 0, d.y_min, d.y_max);
}

QCC_INLINE void qcc_add_fixed_q8__1__scalar(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                            const uint8_t *b, uint8_t *y) {
  if (p.linear != 0) {
    for (int32_t r = 0; r < p.rows; r++, b += p.b_row) {
      const uint8_t *other = b;
      for (int32_t i = 0; i < p.columns; i++, other += p.b_column)
        *y++ = qcc_linear_sum(p, d, qcc_stored(*a++, p.a_signed), qcc_stored(*other, p.b_signed));
    }
    return;
  }
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++) {
      const size_t at = r * (size_t)p.columns + i;
      const int32_t va = (qcc_stored(a[at], p.a_signed) - d.a_zero) * (INT32_C(1) << 20);
      const int32_t vb =
          (qcc_stored(b[r * (size_t)p.b_row + i * (size_t)p.b_column], p.b_signed) - d.b_zero) * (INT32_C(1) << 20);
      const int32_t sa = qcc_divide_power(qcc_high_multiply(va, d.a_multiplier), d.a_right);
      const int32_t sb = qcc_divide_power(qcc_high_multiply(vb, d.b_multiplier), d.b_right);
      const int32_t sum = (p.a_negative ? -sa : sa) + (p.b_negative ? -sb : sb);
      const int32_t v = qcc_divide_power(qcc_high_multiply(sum, d.y_multiplier), d.y_right);
      y[at] = (uint8_t)qcc_clamp_stored(v, d.y_zero, d.y_min, d.y_max);
    }
}

QCC_INLINE void qcc_average_pool_fixed_q8__1__scalar(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const uint8_t *x,
                                                     uint8_t *y) {
  size_t at = 0;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++) {
          const struct qcc_pool_window v = qcc_pool_gather(p, x, 0, n, oy, ox, c);
          const int32_t half = v.count / 2;
          y[at++] = (uint8_t)qcc_clamp_stored((v.sum > 0 ? v.sum + half : v.sum - half) / v.count, 0, d.y_min, d.y_max);
        }
}

QCC_INLINE void qcc_softmax_fixed_q8__1__scalar(struct qcc_softmax_fixed_q8_params p, const uint8_t *x, const int32_t *table,
                                                uint8_t *y) {
  const int32_t low = p.y_signed ? -128 : 0, high = p.y_signed ? 127 : 255;
  for (int32_t r = 0; r < p.rows; r++, x += p.columns, y += p.columns) {
    int32_t max = -128, sum = 0;
    for (int32_t i = 0; i < p.columns; i++) {
      const int32_t v = qcc_stored(x[i], p.x_signed);
      max = v > max ? v : max;
    }
    for (int32_t i = 0; i < p.columns; i++) sum += qcc_divide_power(table[max - qcc_stored(x[i], p.x_signed)], 12);
    {
      const int32_t zeros = qcc_leading_zeros((uint32_t)sum);
      const int32_t scale = qcc_fixed_reciprocal((int32_t)(((uint32_t)sum << zeros) - UINT32_C(0x80000000)));
      for (int32_t i = 0; i < p.columns; i++) {
        const int32_t e = table[max - qcc_stored(x[i], p.x_signed)];
        const int32_t v = qcc_divide_power(qcc_high_multiply(scale, e), 35 - zeros) + low;
        y[i] = (uint8_t)(v > high ? high : v);
      }
    }
  }
}

QCC_INLINE void qcc_mul_fixed_q8__1__scalar(struct qcc_mul_fixed_q8_params p, struct qcc_mul_fixed_q8_data d, const uint8_t *a,
                                            const uint8_t *b, uint8_t *y) {
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++) {
      const size_t at = r * (size_t)p.columns + i;
      const int32_t va = qcc_stored(a[at], p.a_signed) - d.a_zero;
      const int32_t vb = qcc_stored(b[r * (size_t)p.b_row + i * (size_t)p.b_column], p.b_signed) - d.b_zero;
      y[at] = (uint8_t)qcc_clamp_stored(qcc_fixed_double(va * vb, d.multiplier, d.shift), d.y_zero, d.y_min, d.y_max);
    }
}

QCC_INLINE void qcc_mean_fixed_q8__1__scalar(struct qcc_mean_fixed_q8_params p, struct qcc_mean_fixed_q8_data d, const int8_t *x,
                                             int8_t *y) {
  for (int32_t o = 0; o < p.outer; o++, x += (ptrdiff_t)p.count * p.inner)
    for (int32_t i = 0; i < p.inner; i++) {
      int32_t sum = 0;
      for (int32_t k = 0; k < p.count; k++) sum += x[(ptrdiff_t)k * p.inner + i] - d.x_zero;
      *y++ = (int8_t)qcc_clamp_stored(qcc_fixed_double(sum, d.multiplier, d.shift), d.y_zero, d.y_min, d.y_max);
    }
}

QCC_INLINE void qcc_prelu_fixed_q8__1__scalar(struct qcc_prelu_fixed_q8_params p, struct qcc_prelu_fixed_q8_data d,
                                              const uint8_t *x, const uint8_t *alpha, uint8_t *y) {
  for (int32_t r = 0; r < p.rows; r++)
    for (int32_t i = 0; i < p.columns; i++) {
      const int32_t v = qcc_stored(*x++, p.x_signed) - d.x_zero;
      const int32_t slope = qcc_stored(alpha[i], p.alpha_signed) - d.alpha_zero;
      const int32_t scaled = v >= 0 ? qcc_fixed_double(v, d.above_multiplier, d.above_shift)
                                    : qcc_fixed_double(v * slope, d.below_multiplier, d.below_shift);
      *y++ = (uint8_t)qcc_clamp_stored(scaled, d.y_zero, d.y_min, d.y_max);
    }
}

QCC_INLINE void qcc_resize_linear_fixed_q8__1__scalar(struct qcc_resize_linear_fixed_q8_params p, const uint8_t *x,
                                                      const int32_t *row, const int32_t *row_weight, const int32_t *col,
                                                      const int32_t *col_weight, uint8_t *y) {
  const size_t c = (size_t)p.c, line = (size_t)p.w * c;
  for (int32_t n = 0; n < p.n; n++, x += (size_t)p.h * line)
    for (size_t i = 0; i < (size_t)p.oh; i++) {
      const uint8_t *const above = x + (size_t)row[2 * i] * line, *const below = x + (size_t)row[2 * i + 1] * line;
      for (size_t j = 0; j < (size_t)p.ow; j++) {
        const size_t left = (size_t)col[2 * j] * c, right = (size_t)col[2 * j + 1] * c;
        const int32_t w00 = row_weight[2 * i] * col_weight[2 * j], w01 = row_weight[2 * i] * col_weight[2 * j + 1];
        const int32_t w10 = row_weight[2 * i + 1] * col_weight[2 * j], w11 = row_weight[2 * i + 1] * col_weight[2 * j + 1];
        for (size_t k = 0; k < c; k++) {
          const int32_t sum = w00 * qcc_stored(above[left + k], p.x_signed) + w01 * qcc_stored(above[right + k], p.x_signed) +
                              w10 * qcc_stored(below[left + k], p.x_signed) + w11 * qcc_stored(below[right + k], p.x_signed);
          *y++ = (uint8_t)qcc_divide_power(sum, 20);
        }
      }
    }
}

/* The clamp stands before the rounding, half a step wider, so that the conversion never overflows. */
QCC_INLINE void qcc_quantize_away_q8__1__scalar(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x,
                                                uint8_t *y) {
  const float low = (float)(d.y_min - d.zero), high = (float)(d.y_max - d.zero);
  for (int32_t i = 0; i < p.columns; i++) {
    float v = x[i] / d.scale;
    v = v > low ? v : low; /* false for NaN */
    v = v < high ? v : high;
    y[i] = (uint8_t)(qcc_round_away(v) + d.zero);
  }
}

#endif
