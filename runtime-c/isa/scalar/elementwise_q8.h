/* SPDX-License-Identifier: 0BSD */
/* add_q8, mul_q8, lookup_q8, softmax_q8, copy, quantize and dequantize in plain C; formulas in the contract headers. */
#ifndef QCC_SCALAR_ELEMENTWISE_Q8_H
#define QCC_SCALAR_ELEMENTWISE_Q8_H

#include "epilogue.h"
#include "qcc/add_q8.h"
#include "qcc/copy.h"
#include "qcc/dequantize.h"
#include "qcc/lookup_q8.h"
#include "qcc/mul_q8.h"
#include "qcc/quantize.h"
#include "qcc/softmax_q8.h"

QCC_INLINE void qcc_add_q8__1__scalar(struct qcc_add_q8_params p, struct qcc_add_q8_data d, const uint8_t *a, const uint8_t *b,
                                      uint8_t *y) {
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++) {
      const size_t at = r * (size_t)p.columns + i;
      const int32_t va = qcc_stored(a[at], p.a_signed);
      const int32_t vb = qcc_stored(b[r * (size_t)p.b_row + i * (size_t)p.b_column], p.b_signed);
      y[at] = (uint8_t)(p.swapped ? qcc_add_stored(vb, va, d.scale_a, d.scale_b, d.fixed, d.y_min, d.y_max)
                                  : qcc_add_stored(va, vb, d.scale_a, d.scale_b, d.fixed, d.y_min, d.y_max));
    }
}

/* Product with the zero point inside the rounding, mul_q8.h. */
QCC_INLINE int32_t qcc_mul_stored(int32_t p, float scale, int32_t zero, int32_t lo, int32_t hi) {
#if QCC_NO_FPU
  return qcc_mul_stored__integer(p, scale, zero, lo, hi);
#else
  return qcc_round_to_stored(qcc_mulf((float)p, scale) + (float)zero, 0, lo, hi);
#endif
}

QCC_INLINE void qcc_mul_q8__1__scalar(struct qcc_mul_q8_params p, struct qcc_mul_q8_data d, const uint8_t *a, const uint8_t *b,
                                      uint8_t *y) {
  const int32_t up = p.y_signed ? 128 : 0;
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++) {
      const size_t at = r * (size_t)p.columns + i;
      const int32_t va = qcc_stored(a[at], p.a_signed) - d.a_zero;
      const int32_t vb = qcc_stored(b[r * (size_t)p.b_row + i * (size_t)p.b_column], p.b_signed) - d.b_zero;
      y[at] = (uint8_t)(qcc_mul_stored(va * vb, d.scale, d.y_zero + up, d.y_min + up, d.y_max + up) - up);
    }
}

QCC_INLINE void qcc_lookup_q8__1__scalar(struct qcc_lookup_q8_params p, const uint8_t *x, const uint8_t *table, uint8_t *y) {
  for (int32_t i = 0; i < p.count; i++) y[i] = table[x[i]];
}

/* softmax_q8 without a float operation. */
QCC_INLINE void qcc_softmax_q8__integer(struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d, const uint8_t *x,
                                        const float *table, uint8_t *y) {
  const struct qcc_wide whole = qcc_wide_of_f32(d.steps);
  const uint32_t steps = (uint32_t)(whole.exponent < 0 ? whole.magnitude >> -whole.exponent : whole.magnitude << whole.exponent);
  for (size_t o = 0; o < (size_t)p.outer; o++)
    for (size_t i = 0; i < (size_t)p.inner; i++) {
      const size_t base = o * (size_t)p.dim * (size_t)p.inner + i;
      struct qcc_wide sum = qcc_wide_of(0);
      int32_t max = -128;
      for (size_t j = 0; j < (size_t)p.dim; j++) {
        const int32_t v = qcc_stored(x[base + j * (size_t)p.inner], p.x_signed);
        max = v > max ? v : max;
      }
      for (size_t j = 0; j < (size_t)p.dim; j++) {
        const float e = table[255 - (max - qcc_stored(x[base + j * (size_t)p.inner], p.x_signed))];
        sum = qcc_wide_f32(qcc_wide_sum(sum, qcc_wide_of_f32(e)));
      }
      for (size_t j = 0; j < (size_t)p.dim; j++) {
        const size_t at = base + j * (size_t)p.inner;
        const float e = table[255 - (max - qcc_stored(x[at], p.x_signed))];
        y[at] = (uint8_t)qcc_clamp_stored(qcc_quotient(qcc_wide_of_f32(e), steps, sum), d.y_zero, d.y_min, d.y_max);
      }
    }
}

QCC_INLINE void qcc_softmax_q8__1__scalar(struct qcc_softmax_q8_params p, struct qcc_softmax_q8_data d, const uint8_t *x,
                                          const float *table, uint8_t *y) {
#if QCC_NO_FPU
  qcc_softmax_q8__integer(p, d, x, table, y);
#else
  const double low = (double)(d.y_min - d.y_zero), high = (double)(d.y_max - d.y_zero);
  for (size_t o = 0; o < (size_t)p.outer; o++)
    for (size_t i = 0; i < (size_t)p.inner; i++) {
      const size_t base = o * (size_t)p.dim * (size_t)p.inner + i;
      int32_t max = -128;
      float sum = 0.0f;
      for (size_t j = 0; j < (size_t)p.dim; j++) {
        const int32_t v = qcc_stored(x[base + j * (size_t)p.inner], p.x_signed);
        max = v > max ? v : max;
      }
      for (size_t j = 0; j < (size_t)p.dim; j++)
        sum += table[255 - (max - qcc_stored(x[base + j * (size_t)p.inner], p.x_signed))];
      for (size_t j = 0; j < (size_t)p.dim; j++) {
        const size_t at = base + j * (size_t)p.inner;
        const float e = table[255 - (max - qcc_stored(x[at], p.x_signed))];
        double v = qcc_mul((double)e, (double)d.steps) / (double)sum;
        v = v > low ? v : low;
        v = v < high ? v : high;
        y[at] = (uint8_t)((int32_t)(v + 6755399441055744.0 - 6755399441055744.0) + d.y_zero);
      }
    }
#endif
}

QCC_INLINE void qcc_copy__1__scalar(struct qcc_copy_params p, const void *x, void *y) { qcc_copy(y, x, (size_t)p.bytes); }

QCC_INLINE void qcc_quantize__1__scalar(struct qcc_quantize_params p, struct qcc_quantize_data d, const float *x, uint8_t *y) {
  const size_t block = (size_t)p.rows * (size_t)p.columns;
  for (size_t o = 0; o < (size_t)p.outer; o++, x += block, y += block)
    for (size_t i = 0; i < (size_t)p.rows; i++)
      for (size_t j = 0; j < (size_t)p.columns; j++)
        y[i * (size_t)p.columns + j] =
            (uint8_t)qcc_quantize_f32(x[i * (size_t)p.x_row + j * (size_t)p.x_column], d.scale, d.zero, d.y_min, d.y_max);
}

QCC_INLINE void qcc_dequantize__1__scalar(struct qcc_dequantize_params p, struct qcc_dequantize_data d, const void *x, float *y) {
  const size_t block = (size_t)p.rows * (size_t)p.columns;
  for (size_t o = 0; o < (size_t)p.outer; o++)
    for (size_t i = 0; i < (size_t)p.rows; i++)
      for (size_t j = 0; j < (size_t)p.columns; j++) {
        const size_t from = o * block + i * (size_t)p.x_row + j * (size_t)p.x_column;
        const int32_t q = p.element == 2   ? ((const int32_t *)x)[from]
                          : p.element == 1 ? (int32_t)((const int8_t *)x)[from]
                                           : (int32_t)((const uint8_t *)x)[from];
        y[o * block + i * (size_t)p.columns + j] = qcc_dequantize(q, d.scale, d.zero);
      }
}

#endif
