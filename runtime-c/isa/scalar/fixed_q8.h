/* SPDX-License-Identifier: 0BSD */
/* add_fixed_q8, average_pool_fixed_q8 and softmax_fixed_q8 in plain C: TFLite's arithmetic; formulas in the contract headers. */
#ifndef QCC_SCALAR_FIXED_Q8_H
#define QCC_SCALAR_FIXED_Q8_H

#include "epilogue.h"
#include "pool_q8.h"
#include "qcc/add_fixed_q8.h"
#include "qcc/softmax_fixed_q8.h"

QCC_INLINE void qcc_add_fixed_q8__1__scalar(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                            const uint8_t *b, uint8_t *y) {
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

#endif
