/* SPDX-License-Identifier: 0BSD */
/* The sigmoid of qcc/sigmoid.h, 8 floats at a time. */
#ifndef QCC_X86_AVX2_SIMD_SIGMOID_H
#define QCC_X86_AVX2_SIMD_SIGMOID_H

#include "qcc/sigmoid.h"
#include "simd.h"

QCC_INLINE __m256 qcc_avx2_sigmoid_8(__m256 x) {
  const __m256 one = _mm256_set1_ps(1.0f), shift = _mm256_set1_ps(QCC_SIGMOID_SHIFT);
  /* Of a NaN: the NaN, as the second operand. */
  const __m256 v = _mm256_max_ps(_mm256_set1_ps(QCC_SIGMOID_LEAST), _mm256_xor_ps(x, _mm256_set1_ps(-0.0f)));
  const __m256 shifted = _mm256_fmadd_ps(v, _mm256_set1_ps(QCC_SIGMOID_LOG2E), shift), k = _mm256_sub_ps(shifted, shift);
  const __m256 high = _mm256_fnmadd_ps(k, _mm256_set1_ps(QCC_SIGMOID_LN2_HIGH), v);
  const __m256 r = _mm256_fnmadd_ps(k, _mm256_set1_ps(QCC_SIGMOID_LN2_LOW), high);
  const __m256i exponent = _mm256_add_epi32(_mm256_castps_si256(shifted), _mm256_set1_epi32(127));
  const __m256 t = _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
  __m256 p = _mm256_set1_ps(qcc_sigmoid_series[4]), d;
  for (int32_t i = 3; i >= 0; i--) p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(qcc_sigmoid_series[i]));
  p = _mm256_fmadd_ps(_mm256_mul_ps(r, r), p, r);
  d = _mm256_add_ps(_mm256_max_ps(t, one), _mm256_fmadd_ps(t, p, _mm256_min_ps(t, one)));
  return _mm256_andnot_ps(_mm256_cmp_ps(v, _mm256_set1_ps(QCC_SIGMOID_MOST), _CMP_GT_OQ), _mm256_div_ps(one, d));
}

#endif
