/* SPDX-License-Identifier: 0BSD */
/* The error function of qcc/erf.h, 8 floats at a time: a table of 8 parts is one vector, which vpermps looks up in. */
#ifndef QCC_X86_AVX2_SIMD_ERF_H
#define QCC_X86_AVX2_SIMD_ERF_H

#include "qcc/erf.h"
#include "simd.h"

/* Of |x|. */
QCC_INLINE __m256 qcc_avx2_erf_of_size(__m256 size) {
  const __m256 shift = _mm256_set1_ps(QCC_ERF_SHIFT);
  const __m256 a = _mm256_min_ps(_mm256_set1_ps(QCC_ERF_MOST), size); /* of a NaN: the NaN */
  const __m256 shifted = _mm256_fmadd_ps(a, _mm256_set1_ps(QCC_ERF_PARTS), shift);
  const __m256 t = _mm256_fnmadd_ps(_mm256_sub_ps(shifted, shift), _mm256_set1_ps(QCC_ERF_PART), a);
  const __m256i part = _mm256_castps_si256(shifted);
#define QCC_AVX2_ERF(power) _mm256_permutevar8x32_ps(_mm256_loadu_ps(qcc_erf_parts[power]), part)
  __m256 p = _mm256_fmadd_ps(QCC_AVX2_ERF(6), t, QCC_AVX2_ERF(5));
  p = _mm256_fmadd_ps(p, t, QCC_AVX2_ERF(4));
  p = _mm256_fmadd_ps(p, t, QCC_AVX2_ERF(3));
  p = _mm256_fmadd_ps(p, t, QCC_AVX2_ERF(2));
  p = _mm256_fmadd_ps(p, t, QCC_AVX2_ERF(1));
  return _mm256_fmadd_ps(p, t, QCC_AVX2_ERF(0));
#undef QCC_AVX2_ERF
}

QCC_INLINE __m256 qcc_avx2_erf_8(__m256 x) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  return _mm256_or_ps(qcc_avx2_erf_of_size(_mm256_andnot_ps(sign, x)), _mm256_and_ps(sign, x));
}

#endif
