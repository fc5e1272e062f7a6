/* SPDX-License-Identifier: 0BSD */
/* The error function of qcc/erf.h, 16 floats at a time, as AVX2 has it. */
#ifndef QCC_X86_AVX512VNNI_SIMD_ERF_H
#define QCC_X86_AVX512VNNI_SIMD_ERF_H

#include "qcc/erf.h"
#include "simd.h"

QCC_INLINE __m512 qcc_vnni_erf_parts(int32_t power, __m512i part) {
  const __m256i of = _mm256_loadu_si256((const __m256i *)(const void *)qcc_erf_parts[power]);
  return _mm512_castsi512_ps(_mm512_permutexvar_epi32(part, _mm512_broadcast_i64x4(of)));
}

/* Of |x|. */
QCC_INLINE __m512 qcc_vnni_erf_of_size(__m512 size) {
  const __m512 shift = _mm512_set1_ps(QCC_ERF_SHIFT);
  const __m512 a = _mm512_min_ps(_mm512_set1_ps(QCC_ERF_MOST), size); /* of a NaN: the NaN */
  const __m512 shifted = _mm512_fmadd_ps(a, _mm512_set1_ps(QCC_ERF_PARTS), shift);
  const __m512 t = _mm512_fnmadd_ps(_mm512_sub_ps(shifted, shift), _mm512_set1_ps(QCC_ERF_PART), a);
  const __m512i part = _mm512_castps_si512(shifted);
  __m512 p = qcc_vnni_erf_parts(6, part);
  for (int32_t i = 5; i >= 0; i--) p = _mm512_fmadd_ps(p, t, qcc_vnni_erf_parts(i, part));
  return p;
}

/* v with the sign of x. */
QCC_INLINE __m512 qcc_vnni_signed_as(__m512 v, __m512 x) {
  const __m512i sign = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(INT32_MIN));
  return _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(v), sign));
}

QCC_INLINE __m512 qcc_vnni_erf_16(__m512 x) { return qcc_vnni_signed_as(qcc_vnni_erf_of_size(_mm512_abs_ps(x)), x); }

#endif
