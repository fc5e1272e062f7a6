/* SPDX-License-Identifier: 0BSD */
/* quantize_any, dequantize_any, dynamic_quantize and dynamic_scale in plain C; formulas in the contract headers. */
#ifndef QCC_SCALAR_QUANTIZE_ANY_H
#define QCC_SCALAR_QUANTIZE_ANY_H

#include "qcc/dynamic_quantize.h"
#include "qcc/dynamic_scale.h"
#include "qcc/quantize_any.h"

/* Which scale slice `a` of outer block `o` starts with; inner elements take the following ones where there are blocks. */
QCC_INLINE size_t qcc_scale_at(struct qcc_quantize_any_params p, size_t o, size_t a) {
  if (p.block == 0) return a;
  {
    const size_t blocks = ((size_t)p.axis + (size_t)p.block - 1) / (size_t)p.block;
    return (o * blocks + a / (size_t)p.block) * (size_t)p.inner;
  }
}

QCC_INLINE void qcc_quantize_any__1__scalar(struct qcc_quantize_any_params p, struct qcc_quantize_any_data d, const float *x,
                                            const float *scales, const int32_t *zeros, void *y) {
  size_t at = 0;
  for (size_t o = 0; o < (size_t)p.outer; o++)
    for (size_t a = 0; a < (size_t)p.axis; a++) {
      const size_t first = qcc_scale_at(p, o, a);
      for (size_t i = 0; i < (size_t)p.inner; i++, at++) {
        const size_t s = p.block == 0 ? first : first + i;
        qcc_store_s64(y, p.element, at, qcc_quantize_f32(x[at], scales[s], zeros[s], d.y_min, d.y_max));
      }
    }
}

QCC_INLINE void qcc_dequantize_any__1__scalar(struct qcc_quantize_any_params p, const void *x, const float *scales,
                                              const int32_t *zeros, float *y) {
  size_t at = 0;
  for (size_t o = 0; o < (size_t)p.outer; o++)
    for (size_t a = 0; a < (size_t)p.axis; a++) {
      const size_t first = qcc_scale_at(p, o, a);
      for (size_t i = 0; i < (size_t)p.inner; i++, at++) {
        const size_t s = p.block == 0 ? first : first + i;
        y[at] = qcc_dequantize((int32_t)qcc_load_s64(x, p.element, at), scales[s], zeros[s]);
      }
    }
}

QCC_INLINE void qcc_dynamic_quantize__1__scalar(struct qcc_dynamic_quantize_params p, const float *x, uint8_t *y, float *scale,
                                                uint8_t *zero) {
  for (int32_t r = 0; r < p.rows; r++, x += p.count, y += p.count) {
    float low = 0.0f, high = 0.0f, step;
    int32_t z;
    for (int32_t i = 0; i < p.count; i++) {
      low = x[i] < low ? x[i] : low;
      high = x[i] > high ? x[i] : high;
    }
    step = low == high ? 1.0f : (high - low) / 255.0f;
    z = qcc_round_to_stored(0.0f - low / step, 0, 0, 255);
    for (int32_t i = 0; i < p.count; i++) y[i] = (uint8_t)qcc_quantize_f32(x[i], step, z, 0, 255);
    scale[r] = step;
    zero[r] = (uint8_t)z;
  }
}

QCC_INLINE void qcc_dynamic_scale__1__scalar(struct qcc_dynamic_scale_params p, const float *x_scale, const uint8_t *zero,
                                             const int32_t *sums, const float *w_scale, const float *add, int32_t *bias,
                                             float *scale) {
  const int32_t by = p.shift - (p.zero_signed ? (int32_t)(int8_t)*zero : (int32_t)*zero), words = p.has_add ? 2 : 1;
  const float x = *x_scale;
  for (int32_t o = 0; o < p.oc; o++) {
    bias[o] = by * sums[o];
    scale[words * o] = x * w_scale[p.per_channel ? o : 0];
    if (p.has_add) scale[words * o + 1] = add[o];
  }
  for (int32_t o = p.oc; o < p.padded; o++) {
    bias[o] = 0;
    scale[words * o] = 0.0f;
    if (p.has_add) scale[words * o + 1] = 0.0f;
  }
}

#endif
