/* SPDX-License-Identifier: 0BSD */
/* The functions of qcc/sigmoid.h, 8 floats at a time. */
#ifndef QCC_X86_AVX2_SIMD_SIGMOID_H
#define QCC_X86_AVX2_SIMD_SIGMOID_H

#include "qcc/sigmoid.h"
#include "simd.h"

/* e^v = t (1 + p) */
struct qcc_avx2_exp_parts {
  __m256 t, p;
};
QCC_INLINE struct qcc_avx2_exp_parts qcc_avx2_exp_parts(__m256 v) {
  const __m256 shift = _mm256_set1_ps(QCC_SIGMOID_SHIFT);
  const __m256 shifted = _mm256_fmadd_ps(v, _mm256_set1_ps(QCC_SIGMOID_LOG2E), shift), k = _mm256_sub_ps(shifted, shift);
  const __m256 high = _mm256_fnmadd_ps(k, _mm256_set1_ps(QCC_SIGMOID_LN2_HIGH), v);
  const __m256 r = _mm256_fnmadd_ps(k, _mm256_set1_ps(QCC_SIGMOID_LN2_LOW), high);
  const __m256i exponent = _mm256_add_epi32(_mm256_castps_si256(shifted), _mm256_set1_epi32(127));
  __m256 p = _mm256_set1_ps(qcc_sigmoid_series[4]);
  for (int32_t i = 3; i >= 0; i--) p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(qcc_sigmoid_series[i]));
  p = _mm256_fmadd_ps(_mm256_mul_ps(r, r), p, r);
  return (struct qcc_avx2_exp_parts){_mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23)), p};
}

QCC_INLINE __m256 qcc_avx2_sigmoid_8(__m256 x) {
  const __m256 one = _mm256_set1_ps(1.0f);
  /* Of a NaN: the NaN, as the second operand. */
  const __m256 v = _mm256_max_ps(_mm256_set1_ps(QCC_SIGMOID_LEAST), _mm256_xor_ps(x, _mm256_set1_ps(-0.0f)));
  const struct qcc_avx2_exp_parts e = qcc_avx2_exp_parts(v);
  const __m256 d = _mm256_add_ps(_mm256_max_ps(e.t, one), _mm256_fmadd_ps(e.t, e.p, _mm256_min_ps(e.t, one)));
  return _mm256_andnot_ps(_mm256_cmp_ps(v, _mm256_set1_ps(QCC_SIGMOID_MOST), _CMP_GT_OQ), _mm256_div_ps(one, d));
}

/* e^x for x <= 0. */
QCC_INLINE __m256 qcc_avx2_softmax_exp(__m256 x) {
  const struct qcc_avx2_exp_parts e = qcc_avx2_exp_parts(x);
  const __m256 y = _mm256_mul_ps(e.t, _mm256_add_ps(_mm256_set1_ps(1.0f), e.p));
  return _mm256_andnot_ps(_mm256_cmp_ps(x, _mm256_set1_ps(QCC_SOFTMAX_LEAST), _CMP_LT_OQ), y);
}

#endif
