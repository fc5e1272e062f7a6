/* SPDX-License-Identifier: 0BSD */
/* Parts of float functions whose results are those of qcc/math.h, erf.h and activation.h, found with less work: 8 doubles
 * are computed to about 2^-38, which tells how they round to float unless they lie within that of the middle between two
 * floats. Lanes in doubt (one in several thousand) are flagged; the caller then computes its vector by the formula itself.
 *
 *   exp   k = rne(x 16 / ln 2), r = x - k ln 2 / 16; 2^(k / 16) from a table of 16, times a polynomial of degree 4 in r
 *
 * Coefficients: interpolation at Chebyshev nodes. test/kernels/every_float.c compares every float with the formula. */
#ifndef QCC_X86_AVX512VNNI_SIMD_MATH_H
#define QCC_X86_AVX512VNNI_SIMD_MATH_H

#include "isa/x86-avx2/simd_judged.h"
#include "simd.h"

/* Bits of 2^(j / 16) less j 2^48: adding (16 m + j) 2^48 to entry j makes 2^m 2^(j / 16). */
static const int64_t qcc_vnni_exp_sixteenths[16] QCC_MAYBE_UNUSED = {
    INT64_C(0x3ff0000000000000), INT64_C(0x3fefb5586cf9890f), INT64_C(0x3fef72b83c7d517b), INT64_C(0x3fef387a6e756238),
    INT64_C(0x3fef06fe0a31b715), INT64_C(0x3feedea64c123422), INT64_C(0x3feebfdad5362a27), INT64_C(0x3feeab07dd485429),
    INT64_C(0x3feea09e667f3bcd), INT64_C(0x3feea11473eb0187), INT64_C(0x3feeace5422aa0db), INT64_C(0x3feec49182a3f090),
    INT64_C(0x3feee89f995ad3ad), INT64_C(0x3fef199bdd85529c), INT64_C(0x3fef5818dcfba487), INT64_C(0x3fefa4afa2a490da)};
#define QCC_VNNI_D(x) _mm512_set1_pd(x)

QCC_INLINE __m512d qcc_vnni_abs_pd(__m512d x) {
  return _mm512_castsi512_pd(_mm512_and_si512(_mm512_castpd_si512(x), _mm512_set1_epi64(INT64_C(0x7fffffffffffffff))));
}
QCC_INLINE __m512d qcc_vnni_neg_pd(__m512d x) {
  return _mm512_castsi512_pd(_mm512_xor_si512(_mm512_castpd_si512(x), _mm512_set1_epi64(INT64_MIN)));
}
QCC_INLINE __m512d qcc_vnni_low_pd(__m512 x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }
QCC_INLINE __m512d qcc_vnni_high_pd(__m512 x) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1)); }

/* Lanes within 2^(bits - 52) (of their power of two) of the middle between two neighbouring normal floats, in no order: the low
 * 29 bits tell. */
QCC_INLINE __mmask16 qcc_vnni_in_doubt(__m512d low, __m512d high, int32_t bits) {
  const int32_t half = INT32_C(1) << 28, near = INT32_C(1) << bits;
  const __m512i both = _mm512_castps_si512(_mm512_shuffle_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high), 0x88));
  const __m512i moved = _mm512_add_epi32(both, _mm512_set1_epi32(near - half));
  return _mm512_testn_epi32_mask(moved, _mm512_set1_epi32((2 * half - 1) & ~(2 * near - 1)));
}

/* exp(x) for |x| < 700, relative error below 2^-38. */
QCC_INLINE __m512d qcc_vnni_exp(__m512d x) {
  const __m512d shift = QCC_VNNI_D(6755399441055744.0);
  const __m512d shifted = _mm512_fmadd_pd(x, QCC_VNNI_D(23.083120654223414), shift);
  const __m512d r = _mm512_fnmadd_pd(_mm512_sub_pd(shifted, shift), QCC_VNNI_D(0.04332169878499658), x);
  const __m512i k = _mm512_castpd_si512(shifted);
  const __m512i root = _mm512_castpd_si512(_mm512_permutex2var_pd(
      _mm512_loadu_pd(qcc_vnni_exp_sixteenths), k, _mm512_loadu_pd(qcc_vnni_exp_sixteenths + 8)));
  const __m512d one = _mm512_fmadd_pd(r, QCC_VNNI_D(0.9999999994267068), QCC_VNNI_D(1.0)), rr = _mm512_mul_pd(r, r);
  __m512d p = _mm512_fmadd_pd(r, QCC_VNNI_D(0.16667155414206147), QCC_VNNI_D(0.4999999999044515));
  p = _mm512_fmadd_pd(_mm512_fmadd_pd(rr, QCC_VNNI_D(0.04166748124362417), p), rr, one);
  return _mm512_mul_pd(p, _mm512_castsi512_pd(_mm512_add_epi64(root, _mm512_slli_epi64(k, 48))));
}

/* tanh(x) for 0 <= x < 40, relative error below 2^-36.5. */
QCC_INLINE __m512d qcc_vnni_tanh(__m512d x) {
  const __m512d e = qcc_vnni_exp(_mm512_mul_pd(x, QCC_VNNI_D(-2.0))), one = QCC_VNNI_D(1.0), z = _mm512_mul_pd(x, x);
  const __m512d far = _mm512_div_pd(_mm512_sub_pd(one, e), _mm512_add_pd(one, e));
  __m512d p = QCC_VNNI_D(qcc_avx2_near_tanh[5]);
  for (int32_t i = 4; i >= 0; i--) p = _mm512_fmadd_pd(p, z, QCC_VNNI_D(qcc_avx2_near_tanh[i]));
  return _mm512_mask_blend_pd(_mm512_cmp_pd_mask(x, QCC_VNNI_D(0.25), _CMP_LT_OQ), far, _mm512_mul_pd(p, x));
}

/* |x| / 2 erfc(|x| / sqrt(2)) for a = |x| <= 14.6, relative error below 2^-37. */
QCC_INLINE __m512d qcc_vnni_gelu_tail(__m512d a) {
  const __m512d u = _mm512_mul_pd(a, QCC_VNNI_D(0.7071067811865476)), half = _mm512_mul_pd(a, QCC_VNNI_D(0.5));
  const __m512d e = qcc_vnni_exp(_mm512_mul_pd(qcc_vnni_neg_pd(half), a));
  /* One division for both: 1 / ((u + 3)(2u + 1)). */
  const __m512d plus = _mm512_add_pd(u, QCC_VNNI_D(3.0)), twice = _mm512_fmadd_pd(u, QCC_VNNI_D(2.0), QCC_VNNI_D(1.0));
  const __m512d inverse = _mm512_div_pd(QCC_VNNI_D(1.0), _mm512_mul_pd(plus, twice));
  const __m512d t = _mm512_mul_pd(_mm512_mul_pd(_mm512_sub_pd(u, QCC_VNNI_D(3.0)), twice), inverse);
  const __m512d tt = _mm512_mul_pd(t, t);
  __m512d even = QCC_VNNI_D(qcc_avx2_near_erfc[14]), odd = QCC_VNNI_D(qcc_avx2_near_erfc[13]);
  for (int32_t i = 12; i >= 2; i -= 2) {
    even = _mm512_fmadd_pd(even, tt, QCC_VNNI_D(qcc_avx2_near_erfc[i]));
    odd = _mm512_fmadd_pd(odd, tt, QCC_VNNI_D(qcc_avx2_near_erfc[i - 1]));
  }
  even = _mm512_fmadd_pd(even, tt, QCC_VNNI_D(qcc_avx2_near_erfc[0]));
  return _mm512_mul_pd(_mm512_mul_pd(_mm512_mul_pd(half, e), _mm512_fmadd_pd(odd, t, even)), _mm512_mul_pd(plus, inverse));
}

#endif
