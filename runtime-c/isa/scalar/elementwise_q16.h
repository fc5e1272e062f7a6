/* SPDX-License-Identifier: 0BSD */
/* The families of qcc/elementwise_q16.h in plain C. */
#ifndef QCC_SCALAR_ELEMENTWISE_Q16_H
#define QCC_SCALAR_ELEMENTWISE_Q16_H

#include "qcc/elementwise_q16.h"
#include "qcc/exact_q16.h"
#include "qcc/requantize.h"

QCC_INLINE int32_t qcc_q16_load(const void *x, int32_t element, size_t i) {
  return element == QCC_ELEMENT_S16  ? (int32_t)((const int16_t *)x)[i]
         : element == QCC_ELEMENT_S8 ? (int32_t)((const int8_t *)x)[i]
                                     : (int32_t)((const uint8_t *)x)[i];
}

QCC_INLINE void qcc_q16_store(void *y, int32_t element, size_t i, int32_t v) {
  if (element == QCC_ELEMENT_S16)
    ((int16_t *)y)[i] = (int16_t)v;
  else
    ((uint8_t *)y)[i] = (uint8_t)v;
}

/* Sum of two stored values; of scales and operands that are swapped. */
QCC_INLINE int32_t qcc_add_q16_stored(int32_t a, int32_t b, float sa, float sb, struct qcc_add_q16_data d) {
#if QCC_NO_FPU
  return qcc_add_q16__integer(a, b, sa, sb, d.fixed, d.y_min, d.y_max);
#else
  return qcc_round_to_stored(qcc_fmaf((float)a, sa, qcc_fmaf((float)b, sb, d.fixed)), 0, d.y_min, d.y_max);
#endif
}

/* One element each: `at` of y, `from` of b. */
QCC_INLINE void qcc_add_q16_one(struct qcc_add_q16_params p, struct qcc_add_q16_data d, const void *a, const void *b, void *y,
                                size_t at, size_t from) {
  const int32_t va = qcc_q16_load(a, p.a_element, at), vb = qcc_q16_load(b, p.b_element, from);
  qcc_q16_store(y, p.y_element, at,
                p.swapped ? qcc_add_q16_stored(vb, va, d.scale_a, d.scale_b, d) : qcc_add_q16_stored(va, vb, d.scale_a, d.scale_b, d));
}

QCC_INLINE void qcc_mul_q16_one(struct qcc_mul_q16_params p, struct qcc_mul_q16_data d, const void *a, const void *b, void *y,
                                size_t at, size_t from) {
  const int32_t up = p.y_element == QCC_ELEMENT_S8 ? 128 : 0;
  const int32_t product = (qcc_q16_load(a, p.a_element, at) - d.a_zero) * (qcc_q16_load(b, p.b_element, from) - d.b_zero);
#if QCC_NO_FPU
  const int32_t v = qcc_mul_q16__integer(product, d.scale, d.y_zero + up, d.y_min + up, d.y_max + up);
#else
  const float real = qcc_mulf((float)product, d.scale) + (float)(d.y_zero + up);
  const int32_t v = qcc_round_to_stored(real, 0, d.y_min + up, d.y_max + up);
#endif
  qcc_q16_store(y, p.y_element, at, v - up);
}

QCC_INLINE void qcc_convert_q16_one(struct qcc_convert_q16_params p, struct qcc_convert_q16_data d, const void *x, void *y,
                                    size_t i) {
  const float v = p.x_element == QCC_ELEMENT_F32 ? ((const float *)x)[i]
                                                 : qcc_dequantize((int32_t)qcc_load_s64(x, p.x_element, i), d.x_scale, d.x_zero);
  if (p.y_element == QCC_ELEMENT_F32)
    ((float *)y)[i] = v;
  else
    qcc_store_s64(y, p.y_element, i, qcc_quantize_f32(v, d.y_scale, d.y_zero, d.y_min, d.y_max));
}

QCC_INLINE void qcc_add_q16__1__scalar(struct qcc_add_q16_params p, struct qcc_add_q16_data d, const void *a, const void *b,
                                       void *y) {
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++)
      qcc_add_q16_one(p, d, a, b, y, r * (size_t)p.columns + i, r * (size_t)p.b_row + i * (size_t)p.b_column);
}

QCC_INLINE void qcc_mul_q16__1__scalar(struct qcc_mul_q16_params p, struct qcc_mul_q16_data d, const void *a, const void *b,
                                       void *y) {
  for (size_t r = 0; r < (size_t)p.rows; r++)
    for (size_t i = 0; i < (size_t)p.columns; i++)
      qcc_mul_q16_one(p, d, a, b, y, r * (size_t)p.columns + i, r * (size_t)p.b_row + i * (size_t)p.b_column);
}

QCC_INLINE void qcc_convert_q16__1__scalar(struct qcc_convert_q16_params p, struct qcc_convert_q16_data d, const void *x, void *y) {
#if QCC_NO_FPU
  if (p.x_element != QCC_ELEMENT_F32 && p.y_element != QCC_ELEMENT_F32) {
    const struct qcc_ratio ratio = qcc_ratio_of(d.x_scale, d.y_scale);
    for (size_t i = 0; i < (size_t)p.count; i++) {
      const int32_t n = (int32_t)qcc_load_s64(x, p.x_element, i) - d.x_zero;
      qcc_store_s64(y, p.y_element, i, qcc_convert_q16__integer(n, ratio, d.x_scale, d.y_scale, d.y_zero, d.y_min, d.y_max));
    }
    return;
  }
#endif
  for (size_t i = 0; i < (size_t)p.count; i++) qcc_convert_q16_one(p, d, x, y, i);
}

QCC_INLINE void qcc_average_pool_q16__1__scalar(struct qcc_average_pool_q16_params p, struct qcc_average_pool_q16_data d,
                                                const int16_t *x, const float *mult, void *y) {
  size_t at = 0;
  for (int32_t n = 0; n < p.n; n++)
    for (int32_t oy = 0; oy < p.oh; oy++)
      for (int32_t ox = 0; ox < p.ow; ox++)
        for (int32_t c = 0; c < p.c; c++, at++) {
          int32_t sum = 0, count = 0;
          for (int32_t ky = 0; ky < p.kh; ky++) {
            const int32_t iy = oy * p.sh - p.pad_top + ky * p.dh;
            if (iy < 0 || iy >= p.h) continue;
            for (int32_t kx = 0; kx < p.kw; kx++) {
              const int32_t ix = ox * p.sw - p.pad_left + kx * p.dw;
              if (ix < 0 || ix >= p.w) continue;
              sum += x[(((size_t)n * (size_t)p.h + (size_t)iy) * (size_t)p.w + (size_t)ix) * (size_t)p.c + (size_t)c];
              count++;
            }
          }
          qcc_q16_store(y, p.y_element, at,
                        qcc_requantize(sum, mult[p.count_include_pad ? p.kh * p.kw : count], d.y_zero, d.y_min, d.y_max));
        }
}

#endif
