/* SPDX-License-Identifier: 0BSD */
/* Element-wise float functions and softmax in plain C. */
#ifndef QCC_SCALAR_ELEMENTWISE_F32_H
#define QCC_SCALAR_ELEMENTWISE_F32_H

#include "qcc/elementwise_f32.h"
#include "qcc/lanes.h"
#include "qcc/sigmoid.h"

QCC_INLINE void qcc_clamp_f32__1__scalar(struct qcc_clamp_f32_params p, struct qcc_clamp_f32_data d, const float *x, float *y) {
  for (int32_t i = 0; i < p.count; i++) y[i] = x[i] < d.min ? d.min : x[i] > d.max ? d.max : x[i];
}

QCC_INLINE float qcc_binary_apply(int32_t fn, float a, float b) {
  switch (fn) {
    case QCC_BINARY_ADD: return a + b;
    case QCC_BINARY_SUB: return a - b;
    case QCC_BINARY_MUL: return qcc_mulf(a, b);
    case QCC_BINARY_DIV: return a / b;
    case QCC_BINARY_MIN: return a != a ? a : b != b ? b : a < b ? a : b;
    case QCC_BINARY_MAX: return a != a ? a : b != b ? b : a > b ? a : b;
    case QCC_BINARY_POW: return qcc_powf(a, b);
    case QCC_BINARY_PRELU: return a >= 0.0f ? a : qcc_mulf(a, b);
    default: return (float)qcc_fmod((double)a, (double)b);
  }
}

QCC_INLINE void qcc_binary_f32__1__scalar(struct qcc_binary_f32_params p, const float *a, const float *b, float *y) {
  for (int32_t i0 = 0; i0 < p.d0; i0++)
    for (int32_t i1 = 0; i1 < p.d1; i1++)
      for (int32_t i2 = 0; i2 < p.d2; i2++)
        for (int32_t i3 = 0; i3 < p.d3; i3++)
          for (int32_t i4 = 0; i4 < p.d4; i4++) {
            const float *ai = a + i0 * p.a0 + i1 * p.a1 + i2 * p.a2 + i3 * p.a3 + i4 * p.a4;
            const float *bi = b + i0 * p.b0 + i1 * p.b1 + i2 * p.b2 + i3 * p.b3 + i4 * p.b4;
            for (int32_t i5 = 0; i5 < p.d5; i5++) *y++ = qcc_binary_apply(p.fn, ai[i5 * p.a5], bi[i5 * p.b5]);
          }
}

QCC_INLINE void qcc_softmax_f32__1__scalar(struct qcc_softmax_f32_params p, const float *x, float *y) {
  const size_t step = (size_t)p.inner;
  for (int32_t o = 0; o < p.outer; o++)
    for (int32_t i = 0; i < p.inner; i++) {
      const size_t base = (size_t)o * (size_t)p.dim * step + (size_t)i;
      const float *xi = x + base;
      float *yi = y + base;
      float lane[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
      float max = xi[0];
      int32_t best = 0;
      for (int32_t j = 1; j < p.dim; j++) {
        const float v = xi[(size_t)j * step];
        best = v > max ? j : best;
        max = v > max ? v : max;
      }
      if (p.fn == QCC_HARDMAX) {
        for (int32_t j = 0; j < p.dim; j++) yi[(size_t)j * step] = j == best ? 1.0f : 0.0f;
        continue;
      }
      for (int32_t j = 0; j < p.dim; j++) {
        const float shifted = xi[(size_t)j * step] - max;
        const float e = qcc_softmax_expf(shifted);
        lane[j & 7] += e;
        yi[(size_t)j * step] = p.fn == QCC_SOFTMAX ? e : shifted;
      }
      {
        const float sum = qcc_sum_lanes(lane);
        if (p.fn == QCC_SOFTMAX) {
          for (int32_t j = 0; j < p.dim; j++) yi[(size_t)j * step] /= sum;
        } else {
          const float log_sum = qcc_logf(sum);
          for (int32_t j = 0; j < p.dim; j++) yi[(size_t)j * step] -= log_sum;
        }
      }
    }
}

#endif
