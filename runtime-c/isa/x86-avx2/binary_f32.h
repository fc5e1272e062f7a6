/* SPDX-License-Identifier: 0BSD */
/* binary_f32 on AVX2: powers of a row by one exponent are products in doubles for whole exponents, as of a GELU that a model
 * spells out with x^3; for others, as of local response normalization, exp(y log x) to 2^-38, decided as in simd_judged.h. All
 * else is plain C's loops, which compilers make vectors of.
 *
 *   0.75  sqrt(x) sqrt(sqrt(x)): the usual exponent of such normalizations
 *   log   x = 2^k m with m in [sqrt(1/2), sqrt(2)], s = (m - 1) / (m + 1): k ln 2 + 2 (s + s^3 / 3 + ... + s^17 / 17) */
#ifndef QCC_X86_AVX2_BINARY_F32_H
#define QCC_X86_AVX2_BINARY_F32_H

#include "isa/scalar/elementwise_f32.h"
#include "simd_judged.h"

/* log(x) of normal numbers above 0, error below 2^-50 of the larger of its two terms. */
QCC_INLINE __m256d qcc_avx2_log_near(__m256d x) {
  const __m256i bits = _mm256_castpd_si256(x), whole = _mm256_castpd_si256(QCC_AVX2_D(4503599627370496.0));
  const __m256d exponent = _mm256_castsi256_pd(_mm256_or_si256(_mm256_srli_epi64(bits, 52), whole));
  const __m256i fraction = _mm256_and_si256(bits, _mm256_set1_epi64x(INT64_C(0xfffffffffffff)));
  const __m256d one = QCC_AVX2_D(1.0), m = _mm256_or_pd(_mm256_castsi256_pd(fraction), one);
  const __m256d is_large = qcc_avx2_less(QCC_AVX2_D(1.4142135623730951), m);
  const __m256d near = qcc_avx2_if(is_large, _mm256_mul_pd(m, QCC_AVX2_D(0.5)), m);
  const __m256d k = _mm256_add_pd(_mm256_sub_pd(exponent, QCC_AVX2_D(4503599627371519.0)), _mm256_and_pd(is_large, one));
  const __m256d s = _mm256_div_pd(_mm256_sub_pd(near, one), _mm256_add_pd(near, one)), z = _mm256_mul_pd(s, s);
  __m256d p = QCC_AVX2_D(qcc_odd_reciprocals[7]);
  for (int32_t i = 6; i >= 0; i--) p = _mm256_fmadd_pd(p, z, QCC_AVX2_D(qcc_odd_reciprocals[i]));
  p = _mm256_fmadd_pd(_mm256_mul_pd(p, z), s, s);
  return _mm256_fmadd_pd(k, QCC_AVX2_D(0.6931471805599453), _mm256_add_pd(p, p));
}

/* Lanes that are no normal numbers above 0. */
QCC_INLINE __m256i qcc_avx2_not_normal(__m256 x) {
  const __m256 low = _mm256_cmp_ps(x, _mm256_set1_ps(0x1p-126f), _CMP_NGE_UQ);
  return _mm256_castps_si256(_mm256_or_ps(low, _mm256_cmp_ps(x, _mm256_set1_ps(QCC_INFINITY), _CMP_NLT_UQ)));
}

QCC_INLINE __m256d qcc_avx2_three_quarters(__m256d x) {
  const __m256d root = _mm256_sqrt_pd(x);
  return _mm256_mul_pd(root, _mm256_sqrt_pd(root));
}

/* x^y where x is a normal number above 0 and the result another; other lanes are in doubt. */
QCC_INLINE struct qcc_avx2_wide qcc_avx2_pow_wide(__m256 x, __m256d y) {
  const __m256d v0 = _mm256_mul_pd(y, qcc_avx2_log_near(qcc_avx2_low_pd(x)));
  const __m256d v1 = _mm256_mul_pd(y, qcc_avx2_log_near(qcc_avx2_high_pd(x)));
  const __m256d most = QCC_AVX2_D(87.0);
  const __m256d far0 = _mm256_cmp_pd(qcc_avx2_abs_pd(v0), most, _CMP_NLT_UQ);
  const __m256d far1 = _mm256_cmp_pd(qcc_avx2_abs_pd(v1), most, _CMP_NLT_UQ);
  const __m256i far = _mm256_castpd_si256(_mm256_or_pd(far0, far1));
  const __m256d a = _mm256_max_pd(_mm256_min_pd(v0, most), qcc_avx2_neg_pd(most));
  const __m256d b = _mm256_max_pd(_mm256_min_pd(v1, most), qcc_avx2_neg_pd(most));
  return qcc_avx2_judged(qcc_avx2_exp_near(a), qcc_avx2_exp_near(b), _mm256_or_si256(far, qcc_avx2_not_normal(x)));
}

static QCC_NOINLINE QCC_MAYBE_UNUSED void qcc_avx2_pow_again(const float *x, float by, float *y) {
  for (int32_t i = 0; i < 8; i++) y[i] = qcc_powf(x[i], by);
}

/* Exponents that qcc_powf does not multiply out. */
QCC_INLINE int32_t qcc_avx2_is_power(float y) { return qcc_absf(y) < QCC_INFINITY && (qcc_truncf(y) != y || qcc_absf(y) > 16.0f); }

QCC_INLINE struct qcc_avx2_wide qcc_avx2_pow_by(__m256 x, float by) {
  if (by != 0.75f) return qcc_avx2_pow_wide(x, QCC_AVX2_D((double)by));
  return qcc_avx2_judged(qcc_avx2_three_quarters(qcc_avx2_low_pd(x)), qcc_avx2_three_quarters(qcc_avx2_high_pd(x)),
                         qcc_avx2_not_normal(x));
}

QCC_INLINE void qcc_avx2_pow_row(int32_t count, const float *x, float by, float *y) {
  const int32_t whole = count / 8 * 8;
  for (int32_t i = 0; i < whole; i += 8) {
    const struct qcc_avx2_wide v = qcc_avx2_pow_by(_mm256_loadu_ps(x + i), by);
    if (_mm256_testz_si256(v.doubt, v.doubt))
      _mm256_storeu_ps(y + i, qcc_avx2_narrowed(v));
    else
      qcc_avx2_pow_again(x + i, by, y + i);
  }
  for (int32_t i = whole; i < count; i++) y[i] = qcc_powf(x[i], by);
}

/* Exponents that qcc_powf multiplies out, but for 0. */
QCC_INLINE int32_t qcc_avx2_is_whole_power(float y) { return qcc_truncf(y) == y && y != 0.0f && qcc_absf(y) <= 16.0f; }

/* a^y for a >= 0, the multiplications of qcc_powf. */
QCC_INLINE __m256d qcc_avx2_whole_power(__m256d a, float y) {
  __m256d r = QCC_AVX2_D(1.0), square = a;
  for (int32_t left = (int32_t)qcc_absf(y); left > 0;) {
    if ((left & 1) != 0) r = _mm256_mul_pd(r, square);
    left >>= 1;
    if (left > 0) square = _mm256_mul_pd(square, square);
  }
  return y < 0.0f ? _mm256_div_pd(QCC_AVX2_D(1.0), r) : r;
}

QCC_INLINE void qcc_avx2_whole_power_row(int32_t count, const float *x, float by, float *y) {
  const int32_t whole = count / 8 * 8;
  const __m256 minus = _mm256_set1_ps(-0.0f), sign = ((int32_t)by & 1) != 0 ? minus : _mm256_setzero_ps();
  for (int32_t i = 0; i < whole; i += 8) {
    const __m256 v = _mm256_loadu_ps(x + i), a = _mm256_andnot_ps(minus, v);
    const __m128 low = _mm256_cvtpd_ps(qcc_avx2_whole_power(qcc_avx2_low_pd(a), by));
    const __m128 high = _mm256_cvtpd_ps(qcc_avx2_whole_power(qcc_avx2_high_pd(a), by));
    const __m256 r = _mm256_or_ps(_mm256_set_m128(high, low), _mm256_and_ps(v, sign));
    _mm256_storeu_ps(y + i, _mm256_blendv_ps(r, _mm256_set1_ps(QCC_NAN), _mm256_cmp_ps(v, v, _CMP_UNORD_Q)));
  }
  for (int32_t i = whole; i < count; i++) y[i] = qcc_powf(x[i], by);
}

QCC_INLINE void qcc_binary_f32__8__x86_avx2(struct qcc_binary_f32_params p, const float *a, const float *b, float *y) {
  struct qcc_binary_f32_params row = p;
  row.d0 = row.d1 = row.d2 = row.d3 = row.d4 = 1;
  if (p.fn != QCC_BINARY_POW || p.a5 != 1 || p.b5 != 0) {
    qcc_binary_f32__1__scalar(p, a, b, y);
    return;
  }
  for (int32_t i0 = 0; i0 < p.d0; i0++)
    for (int32_t i1 = 0; i1 < p.d1; i1++)
      for (int32_t i2 = 0; i2 < p.d2; i2++)
        for (int32_t i3 = 0; i3 < p.d3; i3++)
          for (int32_t i4 = 0; i4 < p.d4; i4++, y += p.d5) {
            const float *ai = a + i0 * p.a0 + i1 * p.a1 + i2 * p.a2 + i3 * p.a3 + i4 * p.a4;
            const float *bi = b + i0 * p.b0 + i1 * p.b1 + i2 * p.b2 + i3 * p.b3 + i4 * p.b4;
            if (qcc_avx2_is_power(*bi))
              qcc_avx2_pow_row(p.d5, ai, *bi, y);
            else if (qcc_avx2_is_whole_power(*bi))
              qcc_avx2_whole_power_row(p.d5, ai, *bi, y);
            else
              qcc_binary_f32__1__scalar(row, ai, bi, y);
          }
}

#endif
