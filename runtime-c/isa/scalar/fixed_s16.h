/* SPDX-License-Identifier: 0BSD */
/* TFLite's int16 arithmetic in plain C: sums, products, means, pools, changes of scale; formulas in qcc/fixed_s16.h. */
#ifndef QCC_SCALAR_FIXED_S16_H
#define QCC_SCALAR_FIXED_S16_H

#include "pool_q8.h"
#include "qcc/fixed_s16.h"

QCC_INLINE int32_t qcc_s16_term(int32_t powers, int32_t v, int32_t multiplier, int32_t right) {
  return qcc_divide_power(powers ? v : qcc_high_multiply(v * (INT32_C(1) << 15), multiplier), right);
}

QCC_INLINE void qcc_add_fixed_s16__1__scalar(struct qcc_add_fixed_s16_params p, struct qcc_add_fixed_s16_data d, const int16_t *a,
                                             const int16_t *b, int16_t *y) {
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++) {
      const size_t at = r * (size_t)p.columns + i;
      const int32_t sa = qcc_s16_term(p.powers, a[at], d.a_multiplier, d.a_right);
      const int32_t sb = qcc_s16_term(p.powers, b[r * (size_t)p.b_row + i * (size_t)p.b_column], d.b_multiplier, d.b_right);
      const int32_t sum = (p.a_negative ? -sa : sa) + (p.b_negative ? -sb : sb);
      const int32_t v = p.powers ? sum : qcc_divide_power(qcc_high_multiply(sum, d.y_multiplier), d.y_right);
      y[at] = (int16_t)qcc_wide_clamp(v, d.y_min, d.y_max);
    }
}

QCC_INLINE void qcc_mul_fixed_s16__1__scalar(struct qcc_mul_fixed_s16_params p, struct qcc_mul_fixed_s16_data d, const int16_t *a,
                                             const int16_t *b, int16_t *y) {
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++) {
      const size_t at = r * (size_t)p.columns + i;
      const int32_t product = (int32_t)a[at] * (int32_t)b[r * (size_t)p.b_row + i * (size_t)p.b_column];
      y[at] = (int16_t)qcc_wide_clamp(qcc_fixed_double(product, d.multiplier, d.shift), d.y_min, d.y_max);
    }
}

QCC_INLINE void qcc_mean_fixed_s16__1__scalar(struct qcc_mean_fixed_s16_params p, struct qcc_mean_fixed_s16_data d,
                                              const int16_t *x, int16_t *y) {
  for (int32_t o = 0; o < p.outer; o++, x += (ptrdiff_t)p.count * p.inner)
    for (int32_t i = 0; i < p.inner; i++) {
      int32_t sum = 0;
      for (int32_t k = 0; k < p.count; k++) sum += x[(ptrdiff_t)k * p.inner + i];
      *y++ = (int16_t)qcc_wide_clamp(qcc_fixed_double(sum, d.multiplier, d.shift), d.y_min, d.y_max);
    }
}

/* As qcc_pool_gather. */
QCC_INLINE struct qcc_pool_window qcc_s16_gather(struct qcc_pool_q8_params p, const int16_t *x, int32_t n, int32_t oy, int32_t ox,
                                                 int32_t c) {
  struct qcc_pool_window v = {0, -32768, 0};
  for (int32_t ky = 0; ky < p.kh; ky++) {
    const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
    if (iy < 0 || iy >= p.h) continue;
    for (int32_t kx = 0; kx < p.kw; kx++) {
      const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
      if (ix < 0 || ix >= p.w) continue;
      const int32_t q = x[qcc_pool_at(p, n, iy, ix, c)];
      v.sum += q;
      v.max = q > v.max ? q : v.max;
      v.count++;
    }
  }
  return v;
}

QCC_INLINE void qcc_max_pool_s16__1__scalar(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const int16_t *x, int16_t *y) {
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++)
          *y++ = (int16_t)qcc_wide_clamp(qcc_s16_gather(p, x, n, oy, ox, c).max, d.y_min, d.y_max);
}

QCC_INLINE void qcc_average_pool_fixed_s16__1__scalar(struct qcc_pool_q8_params p, struct qcc_pool_q8_data d, const int16_t *x,
                                                      int16_t *y) {
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++) {
          const struct qcc_pool_window v = qcc_s16_gather(p, x, n, oy, ox, c);
          const int32_t half = v.count / 2;
          *y++ = (int16_t)qcc_wide_clamp((v.sum > 0 ? v.sum + half : v.sum - half) / v.count, d.y_min, d.y_max);
        }
}

QCC_INLINE void qcc_rescale_fixed__1__scalar(struct qcc_rescale_fixed_params p, struct qcc_rescale_fixed_data d, const void *x,
                                             void *y) {
  for (size_t i = 0; i < (size_t)p.count; i++) {
    const int32_t stored = p.x_element == 2   ? ((const int16_t *)x)[i]
                           : p.x_element == 1 ? ((const int8_t *)x)[i]
                                                           : ((const uint8_t *)x)[i];
    const int32_t v = stored - d.x_zero;
    const int32_t below = v < 0 ? qcc_fixed_double(v, d.below_multiplier, d.below_shift) : 0;
    const int32_t scaled = v >= 0 ? qcc_fixed_double(v, d.above_multiplier, d.above_shift) : p.negates ? -below : below;
    const int32_t result = qcc_clamp_stored(scaled, d.y_zero, d.y_min, d.y_max);
    if (p.y_element == 2)
      ((int16_t *)y)[i] = (int16_t)result;
    else
      ((uint8_t *)y)[i] = (uint8_t)result;
  }
}

/* The clamp stands before the rounding, as in qcc_quantize_away_q8. */
QCC_INLINE void qcc_quantize_away_s16__1__scalar(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x,
                                                 int16_t *y) {
  const float low = (float)d.y_min, high = (float)d.y_max;
  for (int32_t i = 0; i < p.columns; i++) {
    float v = x[i] / d.scale;
    v = v > low ? v : low; /* false for NaN */
    v = v < high ? v : high;
    y[i] = (int16_t)qcc_round_away(v);
  }
}

QCC_INLINE void qcc_resize_linear_fixed_s16__1__scalar(struct qcc_resize_linear_fixed_q8_params p, const int16_t *x,
                                                       const int32_t *row, const int32_t *row_weight, const int32_t *col,
                                                       const int32_t *col_weight, int16_t *y) {
  const size_t c = (size_t)p.c, line = (size_t)p.w * c;
  for (int32_t n = 0; n < p.n; n++, x += (size_t)p.h * line)
    for (size_t i = 0; i < (size_t)p.oh; i++) {
      const int16_t *const above = x + (size_t)row[2 * i] * line, *const below = x + (size_t)row[2 * i + 1] * line;
      for (size_t j = 0; j < (size_t)p.ow; j++) {
        const size_t left = (size_t)col[2 * j] * c, right = (size_t)col[2 * j + 1] * c;
        const int64_t w00 = row_weight[2 * i] * col_weight[2 * j], w01 = row_weight[2 * i] * col_weight[2 * j + 1];
        const int64_t w10 = row_weight[2 * i + 1] * col_weight[2 * j], w11 = row_weight[2 * i + 1] * col_weight[2 * j + 1];
        for (size_t k = 0; k < c; k++) {
          const int64_t sum = w00 * above[left + k] + w01 * above[right + k] + w10 * below[left + k] + w11 * below[right + k];
          *y++ = (int16_t)((sum + (INT64_C(1) << 19) - (sum < 0 ? 1 : 0)) >> 20);
        }
      }
    }
}

#endif
