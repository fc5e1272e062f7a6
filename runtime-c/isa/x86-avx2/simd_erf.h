/* SPDX-License-Identifier: 0BSD */
/* The error function of qcc/erf.h, 8 floats at a time: a table of 8 parts is one vector, which vpermps looks up in. */
#ifndef QCC_X86_AVX2_SIMD_ERF_H
#define QCC_X86_AVX2_SIMD_ERF_H

#include "qcc/erf.h"
#include "simd.h"

/* A statement for each i below `count`: the same operation of vectors that do not wait for each other. */
#define QCC_AVX2_EACH(count) for (int32_t i = 0; i < (count); i++)

/* Of `count` (a literal, 4 at most) vectors of |x|, in place. In step: one vector's operations wait for each other. */
QCC_INLINE void qcc_avx2_erf_of_sizes(int32_t count, __m256 *v) {
  const __m256 shift = _mm256_set1_ps(QCC_ERF_SHIFT);
  __m256 t[4], p[4];
  __m256i part[4];
#define QCC_AVX2_ERF(power) _mm256_permutevar8x32_ps(_mm256_loadu_ps(qcc_erf_parts[power]), part[i])
  QCC_AVX2_EACH(count) t[i] = _mm256_min_ps(_mm256_set1_ps(QCC_ERF_MOST), v[i]); /* of a NaN: the NaN */
  QCC_AVX2_EACH(count) p[i] = _mm256_fmadd_ps(t[i], _mm256_set1_ps(QCC_ERF_PARTS), shift);
  QCC_AVX2_EACH(count) part[i] = _mm256_castps_si256(p[i]);
  QCC_AVX2_EACH(count) t[i] = _mm256_fnmadd_ps(_mm256_sub_ps(p[i], shift), _mm256_set1_ps(QCC_ERF_PART), t[i]);
  QCC_AVX2_EACH(count) p[i] = _mm256_fmadd_ps(QCC_AVX2_ERF(6), t[i], QCC_AVX2_ERF(5));
  QCC_AVX2_EACH(count) p[i] = _mm256_fmadd_ps(p[i], t[i], QCC_AVX2_ERF(4));
  QCC_AVX2_EACH(count) p[i] = _mm256_fmadd_ps(p[i], t[i], QCC_AVX2_ERF(3));
  QCC_AVX2_EACH(count) p[i] = _mm256_fmadd_ps(p[i], t[i], QCC_AVX2_ERF(2));
  QCC_AVX2_EACH(count) p[i] = _mm256_fmadd_ps(p[i], t[i], QCC_AVX2_ERF(1));
  QCC_AVX2_EACH(count) v[i] = _mm256_fmadd_ps(p[i], t[i], QCC_AVX2_ERF(0));
#undef QCC_AVX2_ERF
}

QCC_INLINE __m256 qcc_avx2_erf_8(__m256 x) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  __m256 size = _mm256_andnot_ps(sign, x);
  qcc_avx2_erf_of_sizes(1, &size);
  return _mm256_or_ps(size, _mm256_and_ps(sign, x));
}

#endif
