/* SPDX-License-Identifier: 0BSD */
/* unary_f32 and softmax_f32, 16 floats at a time (simd_unary.h); functions without vectors are left to the kernel of AVX2. */
#ifndef QCC_X86_AVX512VNNI_ELEMENTWISE_F32_H
#define QCC_X86_AVX512VNNI_ELEMENTWISE_F32_H

#include "isa/x86-avx2/elementwise_f32.h"
#include "fused_f32.h"
#include "simd_unary.h"

/* Of the functions with a vector form. */
QCC_INLINE __m512 qcc_vnni_unary_any(int32_t fn, __m512 x, float alpha) {
  if (fn == QCC_UNARY_SILU) return qcc_vnni_silu_16(x);
  return fn == QCC_UNARY_HARD_SWISH ? qcc_vnni_hard_swish_16(x) : qcc_vnni_unary_16(fn, x, alpha);
}

QCC_INLINE void qcc_unary_f32__16__x86_avx512vnni(struct qcc_unary_f32_params p, struct qcc_unary_f32_data d, const float *x,
                                                  float *y) {
  const int32_t whole = p.count / 16 * 16;
  if (!qcc_avx2_unary_is_vector(p.fn) && !qcc_avx2_unary_is_fused(p.fn)) {
    qcc_unary_f32__8__x86_avx2(p, d, x, y);
    return;
  }
  for (int32_t i = 0; i < whole; i += 16) _mm512_storeu_ps(y + i, qcc_vnni_unary_any(p.fn, _mm512_loadu_ps(x + i), d.alpha));
  if (whole < p.count) {
    const __mmask16 rest = qcc_vnni_mask_16(p.count - whole);
    const __m512 v = qcc_vnni_unary_any(p.fn, _mm512_maskz_loadu_ps(rest, x + whole), d.alpha);
    _mm512_mask_storeu_ps(y + whole, rest, v);
  }
}

/* A row of `count` floats side by side. Lanes past its end add +0, which changes no sum. */
QCC_INLINE void qcc_vnni_softmax_row(int32_t fn, int32_t count, const float *x, float *y) {
  const __m512 max = _mm512_set1_ps(qcc_avx2_softmax_max(x, count));
  __m256 sums = _mm256_setzero_ps();
  float lane[8];
  for (int32_t j = 0; j < count; j += 16) {
    const __mmask16 there = qcc_vnni_mask_16(count - j);
    const __m512 shifted = _mm512_maskz_sub_ps(there, _mm512_maskz_loadu_ps(there, x + j), max);
    const __m512 e = qcc_vnni_softmax_exp(there, shifted);
    sums = _mm256_add_ps(_mm256_add_ps(sums, _mm512_castps512_ps256(e)), _mm512_extractf32x8_ps(e, 1));
    _mm512_mask_storeu_ps(y + j, there, fn == QCC_SOFTMAX ? e : shifted);
  }
  _mm256_storeu_ps(lane, sums);
  const float sum = qcc_sum_lanes(lane);
  const __m512 by = _mm512_set1_ps(fn == QCC_SOFTMAX ? sum : qcc_logf(sum));
  for (int32_t j = 0; j < count; j += 16) {
    const __mmask16 there = qcc_vnni_mask_16(count - j);
    const __m512 v = _mm512_maskz_loadu_ps(there, y + j);
    _mm512_mask_storeu_ps(y + j, there, fn == QCC_SOFTMAX ? _mm512_div_ps(v, by) : _mm512_sub_ps(v, by));
  }
}

QCC_INLINE void qcc_softmax_f32__16__x86_avx512vnni(struct qcc_softmax_f32_params p, const float *x, float *y) {
  if (p.inner != 1 || p.fn == QCC_HARDMAX) {
    qcc_softmax_f32__1__scalar(p, x, y);
    return;
  }
  for (ptrdiff_t o = 0; o < p.outer; o++) qcc_vnni_softmax_row(p.fn, p.dim, x + o * p.dim, y + o * p.dim);
}

#endif
