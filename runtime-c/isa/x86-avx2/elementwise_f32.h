/* SPDX-License-Identifier: 0BSD */
/* unary_f32 and softmax_f32 on AVX2. Functions made of exp and erf take 8 floats as two vectors of 4 doubles
 * (simd_judged.h); others are plain loops. */
#ifndef QCC_X86_AVX2_ELEMENTWISE_F32_H
#define QCC_X86_AVX2_ELEMENTWISE_F32_H

#include "isa/scalar/elementwise_f32.h"
#include "isa/scalar/unary_f32.h"
#include "fused_f32.h"
#include "simd_judged.h"
#include "qcc/elementwise_f32.h"
#include "qcc/lanes.h"

QCC_INLINE int32_t qcc_avx2_unary_is_vector(int32_t fn) {
  return fn == QCC_UNARY_EXP || fn == QCC_UNARY_ERF || fn == QCC_UNARY_TANH || fn == QCC_UNARY_SIGMOID ||
         fn == QCC_UNARY_GELU || fn == QCC_UNARY_GELU_TANH || fn == QCC_UNARY_SWISH;
}
QCC_INLINE int32_t qcc_avx2_unary_is_fused(int32_t fn) { return fn == QCC_UNARY_SILU || fn == QCC_UNARY_HARD_SWISH; }

QCC_INLINE void qcc_unary_f32__8__x86_avx2(struct qcc_unary_f32_params p, struct qcc_unary_f32_data d, const float *x, float *y) {
  const int32_t whole = qcc_avx2_unary_is_vector(p.fn) || qcc_avx2_unary_is_fused(p.fn) ? p.count / 8 * 8 : 0;
  for (int32_t i = 0; i < whole; i += 8) {
    const __m256 v = _mm256_loadu_ps(x + i);
    _mm256_storeu_ps(y + i, p.fn == QCC_UNARY_SILU         ? qcc_avx2_silu_8(v)
                            : p.fn == QCC_UNARY_HARD_SWISH ? qcc_avx2_hard_swish_8(v)
                                                           : qcc_avx2_unary_8(p.fn, v, d.alpha));
  }
  for (int32_t i = whole; i < p.count; i++) y[i] = qcc_unary_apply(p.fn, x[i], d.alpha, d.beta);
}

/* The largest value; x[0] if that is NaN. */
QCC_INLINE float qcc_avx2_softmax_max(const float *x, int32_t count) {
  const int32_t whole = count / 8 * 8;
  __m256 largest = _mm256_set1_ps(x[0]);
  __m128 v;
  float max;
  for (int32_t j = 0; j < whole; j += 8) largest = _mm256_max_ps(_mm256_loadu_ps(x + j), largest);
  v = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
  v = _mm_max_ps(v, _mm_movehl_ps(v, v));
  max = _mm_cvtss_f32(_mm_max_ss(v, _mm_movehdup_ps(v)));
  for (int32_t j = whole; j < count; j++) max = x[j] > max ? x[j] : max;
  return max;
}

/* A row of `count` floats side by side. */
QCC_INLINE void qcc_avx2_softmax_row(int32_t fn, int32_t count, const float *x, float *y) {
  const int32_t whole = count / 8 * 8;
  const float max = qcc_avx2_softmax_max(x, count);
  const __m256 max8 = _mm256_set1_ps(max);
  __m256 sum8 = _mm256_setzero_ps();
  float lane[8], sum, log_sum;
  for (int32_t j = 0; j < whole; j += 8) {
    const __m256 shifted = _mm256_sub_ps(_mm256_loadu_ps(x + j), max8);
    const __m256 e = qcc_avx2_softmax_exp(shifted);
    sum8 = _mm256_add_ps(sum8, e);
    _mm256_storeu_ps(y + j, fn == QCC_SOFTMAX ? e : shifted);
  }
  _mm256_storeu_ps(lane, sum8);
  for (int32_t j = whole; j < count; j++) {
    const float shifted = x[j] - max, e = qcc_softmax_expf(shifted);
    lane[j & 7] += e;
    y[j] = fn == QCC_SOFTMAX ? e : shifted;
  }
  sum = qcc_sum_lanes(lane);
  if (fn == QCC_SOFTMAX) {
    for (int32_t j = 0; j < count; j++) y[j] /= sum;
    return;
  }
  log_sum = qcc_logf(sum);
  for (int32_t j = 0; j < count; j++) y[j] -= log_sum;
}

QCC_INLINE void qcc_softmax_f32__8__x86_avx2(struct qcc_softmax_f32_params p, const float *x, float *y) {
  if (p.inner != 1 || p.fn == QCC_HARDMAX) {
    qcc_softmax_f32__1__scalar(p, x, y);
    return;
  }
  for (ptrdiff_t o = 0; o < p.outer; o++) qcc_avx2_softmax_row(p.fn, p.dim, x + o * p.dim, y + o * p.dim);
}

#endif
