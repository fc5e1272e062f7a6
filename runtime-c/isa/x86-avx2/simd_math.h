/* SPDX-License-Identifier: 0BSD */
/* exp, tanh, GELU and what is made of them, 4 doubles at a time: the operations of qcc/math.h, erf.h and activation.h in their
 * order, both sides of a branch computed and one of them taken. */
#ifndef QCC_X86_AVX2_SIMD_MATH_H
#define QCC_X86_AVX2_SIMD_MATH_H

#include "qcc/activation.h"
#include "simd.h"

#define QCC_AVX2_D(x) _mm256_set1_pd(x)

/* A product that a sum follows: no compiler may make one operation of the two. */
QCC_INLINE __m256d qcc_avx2_mul_pd(__m256d a, __m256d b) {
  __m256d product = _mm256_mul_pd(a, b);
#if QCC_FENCED
  QCC_AVX2_FENCE(product);
#endif
  return product;
}

QCC_INLINE __m256d qcc_avx2_less(__m256d a, __m256d b) { return _mm256_cmp_pd(a, b, _CMP_LT_OQ); }
QCC_INLINE __m256d qcc_avx2_if(__m256d mask, __m256d yes, __m256d no) { return _mm256_blendv_pd(no, yes, mask); }
QCC_INLINE __m256d qcc_avx2_abs_pd(__m256d x) { return _mm256_andnot_pd(QCC_AVX2_D(-0.0), x); }
QCC_INLINE __m256d qcc_avx2_neg_pd(__m256d x) { return _mm256_xor_pd(QCC_AVX2_D(-0.0), x); }

QCC_INLINE __m256d qcc_avx2_horner(const double *c, int32_t degree, __m256d x) {
  __m256d p = QCC_AVX2_D(c[degree]);
  for (int32_t i = degree - 1; i >= 0; i--) p = _mm256_add_pd(qcc_avx2_mul_pd(p, x), QCC_AVX2_D(c[i]));
  return p;
}

/* The low bits of `shifted` are the exponent, those above leave by the shift. */
QCC_INLINE __m256d qcc_avx2_exp(__m256d x) {
  const __m256d shifted = _mm256_add_pd(qcc_avx2_mul_pd(x, QCC_AVX2_D(1.4426950408889634)), QCC_AVX2_D(6755399441055744.0));
  const __m256d k = _mm256_sub_pd(shifted, QCC_AVX2_D(6755399441055744.0));
  __m256d r = _mm256_sub_pd(x, qcc_avx2_mul_pd(k, QCC_AVX2_D(0.6931471803691238)));
  r = _mm256_sub_pd(r, qcc_avx2_mul_pd(k, QCC_AVX2_D(1.9082149292705877e-10)));
  const __m256i bits = _mm256_add_epi64(_mm256_castpd_si256(shifted), _mm256_set1_epi64x(1023));
  __m256d e = qcc_avx2_mul_pd(qcc_avx2_horner(qcc_factorials, 12, r), _mm256_castsi256_pd(_mm256_slli_epi64(bits, 52)));
  e = qcc_avx2_if(qcc_avx2_less(QCC_AVX2_D(709.0), x), QCC_AVX2_D((double)QCC_INFINITY), e);
  e = _mm256_andnot_pd(qcc_avx2_less(x, QCC_AVX2_D(-708.0)), e);
  return qcc_avx2_if(_mm256_cmp_pd(x, x, _CMP_UNORD_Q), x, e);
}

QCC_INLINE __m256d qcc_avx2_expm1(__m256d x) {
  const __m256d near = _mm256_cmp_pd(qcc_avx2_abs_pd(x), QCC_AVX2_D(0.35), _CMP_LE_OQ);
  __m256d p = QCC_AVX2_D(qcc_factorials[13]);
  for (int32_t i = 12; i >= 1; i--) p = _mm256_add_pd(qcc_avx2_mul_pd(p, x), QCC_AVX2_D(qcc_factorials[i]));
  return qcc_avx2_if(near, qcc_avx2_mul_pd(p, x), _mm256_sub_pd(qcc_avx2_exp(x), QCC_AVX2_D(1.0)));
}

QCC_INLINE __m256d qcc_avx2_tanh(__m256d x) {
  const __m256d a = qcc_avx2_abs_pd(x), e = qcc_avx2_expm1(_mm256_add_pd(a, a));
  __m256d t = _mm256_div_pd(e, _mm256_add_pd(e, QCC_AVX2_D(2.0)));
  t = qcc_avx2_if(qcc_avx2_less(QCC_AVX2_D(20.0), a), QCC_AVX2_D(1.0), t);
  t = qcc_avx2_if(qcc_avx2_less(x, QCC_AVX2_D(0.0)), qcc_avx2_neg_pd(t), t);
  return qcc_avx2_if(_mm256_cmp_pd(x, QCC_AVX2_D(0.0), _CMP_EQ_UQ), x, t);
}

QCC_INLINE __m256d qcc_avx2_erf_small(__m256d x) {
  return qcc_avx2_mul_pd(x, qcc_avx2_horner(qcc_erf_series, 11, qcc_avx2_mul_pd(x, x)));
}

QCC_INLINE __m256d qcc_avx2_erfc_large(__m256d u, __m256d square) {
  const __m256d t = _mm256_div_pd(_mm256_sub_pd(u, QCC_AVX2_D(3.0)), _mm256_add_pd(u, QCC_AVX2_D(3.0)));
  const __m256d e = qcc_avx2_mul_pd(qcc_avx2_exp(qcc_avx2_neg_pd(square)), qcc_avx2_horner(qcc_erfc_scaled, 19, t));
  return _mm256_div_pd(e, _mm256_add_pd(QCC_AVX2_D(1.0), _mm256_add_pd(u, u)));
}

QCC_INLINE __m256d qcc_avx2_gelu(__m256d d) {
  const __m256d half = qcc_avx2_mul_pd(QCC_AVX2_D(0.5), d), h = qcc_avx2_mul_pd(d, QCC_AVX2_D(0.7071067811865476));
  const __m256d a = qcc_avx2_abs_pd(h), far = _mm256_cmp_pd(a, QCC_AVX2_D(0.5), _CMP_GE_OQ);
  const __m256d small = qcc_avx2_mul_pd(half, _mm256_add_pd(QCC_AVX2_D(1.0), qcc_avx2_erf_small(h)));
  __m256d tail, above, y;
  if (_mm256_movemask_pd(far) == 0) return small;
  tail = qcc_avx2_erfc_large(a, qcc_avx2_mul_pd(QCC_AVX2_D(0.5), qcc_avx2_mul_pd(d, d)));
  above = qcc_avx2_mul_pd(d, _mm256_sub_pd(QCC_AVX2_D(1.0), qcc_avx2_mul_pd(QCC_AVX2_D(0.5), tail)));
  y = qcc_avx2_if(qcc_avx2_less(d, QCC_AVX2_D(0.0)), qcc_avx2_mul_pd(half, tail), above);
  y = qcc_avx2_if(qcc_avx2_less(d, QCC_AVX2_D(-14.5)), QCC_AVX2_D(-0.0), y);
  y = qcc_avx2_if(qcc_avx2_less(QCC_AVX2_D(6.0), h), d, y);
  return qcc_avx2_if(far, y, small);
}

QCC_INLINE __m256d qcc_avx2_gelu_tanh(__m256d d) {
  const __m256d cube = qcc_avx2_mul_pd(qcc_avx2_mul_pd(d, d), d);
  const __m256d v = _mm256_add_pd(d, qcc_avx2_mul_pd(QCC_AVX2_D(0.044715), cube));
  const __m256d e = qcc_avx2_exp(qcc_avx2_mul_pd(QCC_AVX2_D(-1.5957691216057308), v));
  const __m256d y = _mm256_div_pd(d, _mm256_add_pd(QCC_AVX2_D(1.0), e));
  return qcc_avx2_if(qcc_avx2_less(d, QCC_AVX2_D(-20.0)), QCC_AVX2_D(-0.0), y);
}

QCC_INLINE __m256d qcc_avx2_swish(__m256d x, double alpha) {
  const __m256d e = qcc_avx2_exp(qcc_avx2_neg_pd(qcc_avx2_mul_pd(QCC_AVX2_D(alpha), x)));
  const __m256d zero = qcc_avx2_if(qcc_avx2_less(x, QCC_AVX2_D(0.0)), QCC_AVX2_D(-0.0), QCC_AVX2_D(0.0));
  const __m256d y = _mm256_div_pd(x, _mm256_add_pd(QCC_AVX2_D(1.0), e));
  return qcc_avx2_if(_mm256_cmp_pd(e, QCC_AVX2_D((double)QCC_INFINITY), _CMP_EQ_OQ), zero, y);
}

#endif
