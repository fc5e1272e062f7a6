/* SPDX-License-Identifier: 0BSD */
/* The functions of qcc/sigmoid.h, 16 floats at a time. */
#ifndef QCC_X86_AVX512VNNI_SIMD_SIGMOID_H
#define QCC_X86_AVX512VNNI_SIMD_SIGMOID_H

#include "qcc/sigmoid.h"
#include "simd.h"

/* e^v = t (1 + p) */
struct qcc_vnni_exp_parts {
  __m512 t, p;
};
QCC_INLINE struct qcc_vnni_exp_parts qcc_vnni_exp_parts(__m512 v) {
  const __m512 shift = _mm512_set1_ps(QCC_SIGMOID_SHIFT);
  const __m512 shifted = _mm512_fmadd_ps(v, _mm512_set1_ps(QCC_SIGMOID_LOG2E), shift), k = _mm512_sub_ps(shifted, shift);
  const __m512 high = _mm512_fnmadd_ps(k, _mm512_set1_ps(QCC_SIGMOID_LN2_HIGH), v);
  const __m512 r = _mm512_fnmadd_ps(k, _mm512_set1_ps(QCC_SIGMOID_LN2_LOW), high);
  const __m512i exponent = _mm512_add_epi32(_mm512_castps_si512(shifted), _mm512_set1_epi32(127));
  __m512 p = _mm512_set1_ps(qcc_sigmoid_series[4]);
  for (int32_t i = 3; i >= 0; i--) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(qcc_sigmoid_series[i]));
  p = _mm512_fmadd_ps(_mm512_mul_ps(r, r), p, r);
  return (struct qcc_vnni_exp_parts){_mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23)), p};
}

QCC_INLINE __m512 qcc_vnni_sigmoid_16(__m512 x) {
  const __m512 one = _mm512_set1_ps(1.0f);
  /* Of a NaN: the NaN, as the second operand. */
  const __m512 v = _mm512_max_ps(_mm512_set1_ps(QCC_SIGMOID_LEAST), _mm512_xor_ps(x, _mm512_set1_ps(-0.0f)));
  const struct qcc_vnni_exp_parts e = qcc_vnni_exp_parts(v);
  const __m512 d = _mm512_add_ps(_mm512_max_ps(e.t, one), _mm512_fmadd_ps(e.t, e.p, _mm512_min_ps(e.t, one)));
  return _mm512_maskz_div_ps(_mm512_cmp_ps_mask(v, _mm512_set1_ps(QCC_SIGMOID_MOST), _CMP_NGT_UQ), one, d);
}

/* e^x for x <= 0; 0 where the mask has no bit. */
QCC_INLINE __m512 qcc_vnni_softmax_exp(__mmask16 there, __m512 x) {
  const struct qcc_vnni_exp_parts e = qcc_vnni_exp_parts(x);
  const __mmask16 normal = _mm512_mask_cmp_ps_mask(there, x, _mm512_set1_ps(QCC_SOFTMAX_LEAST), _CMP_NLT_UQ);
  return _mm512_maskz_mov_ps(normal, _mm512_mul_ps(e.t, _mm512_add_ps(_mm512_set1_ps(1.0f), e.p)));
}

#endif
