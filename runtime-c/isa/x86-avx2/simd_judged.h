/* SPDX-License-Identifier: 0BSD */
/* Float functions whose results are those of simd_math.h, found with less work (decision 0026): doubles are computed to 2^-38,
 * which tells how they round to float unless they lie within that of the middle between two floats. A vector with a lane in
 * doubt (one in a thousand) is computed again by the formula. As there is no permutation of tables here, polynomials are long:
 *
 *   exp   k = rne(x / ln 2), r = x - k ln 2; 2^k times a polynomial of degree 8 in r (error 2^-39.7)
 *   gelu  max(x, 0) - |x| / 2 erfc(u), u = |x| / sqrt(2), erfc by (1 + 2u) exp(u^2) erfc(u), degree 14 in (u - 3) / (u + 3)
 *         (error 2^-40), on [0, 10.3]
 *
 * Coefficients: interpolation at Chebyshev nodes. test/kernels/every_float.c compares every float with the formula. */
#ifndef QCC_X86_AVX2_SIMD_JUDGED_H
#define QCC_X86_AVX2_SIMD_JUDGED_H

#include "simd_erf.h"
#include "simd_math.h"
#include "simd_sigmoid.h"
#include "qcc/elementwise_f32.h"

static const double qcc_avx2_near_exp[9] QCC_MAYBE_UNUSED = {
    1.0,                  0.999999999979769,    0.49999999999797773,   0.16666666891180545,  0.0416666668910917,
    0.008333266071022454, 0.001388882165071769, 0.00019915881871396035, 2.4876178959085513e-05};
static const double qcc_avx2_near_erfc[15] QCC_MAYBE_UNUSED = {
    1.2530080582692769,    -0.13562110612839995,   -0.04756229426785965,    0.12964515914353322,    -0.11927366585266133,
    0.06830801423839221,   -0.023770495595350875,  0.002529546927275161,    0.0018887112677895349,  -0.0007806542259128073,
    -0.00010602161262809335, 0.00012683038922024496, 8.451011627325031e-06, -2.0052627350617358e-05, -5.005503911550424e-06};
/* tanh(x) / x in x^2, for |x| <= 1/4. */
static const double qcc_avx2_near_tanh[6] QCC_MAYBE_UNUSED = {
    0.9999999999999031,    -0.333333333221592,  0.13333331243699578,
    -0.05396682206757438, 0.02182498517301687, -0.008220515824387839};

/* Results to be rounded, and in doubt: any bit set. */
struct qcc_avx2_wide {
  __m256d low, high;
  __m256i doubt;
};

QCC_INLINE __m256d qcc_avx2_low_pd(__m256 x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }
QCC_INLINE __m256d qcc_avx2_high_pd(__m256 x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }
QCC_INLINE __m256 qcc_avx2_narrowed(struct qcc_avx2_wide v) {
  return _mm256_set_m128(_mm256_cvtpd_ps(v.high), _mm256_cvtpd_ps(v.low));
}

/* Lanes within 2^-37 (of their power of two) of the middle between two neighbouring normal floats: their low 29 bits tell. */
QCC_INLINE __m256i qcc_avx2_in_doubt(__m256d low, __m256d high) {
  const int32_t half = INT32_C(1) << 28, near = INT32_C(1) << 15;
  const __m256i bits = _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castpd_ps(low), _mm256_castpd_ps(high), 0x88));
  const __m256i moved = _mm256_add_epi32(bits, _mm256_set1_epi32(near - half));
  const __m256i off = _mm256_and_si256(moved, _mm256_set1_epi32((2 * half - 1) & ~(2 * near - 1)));
  return _mm256_cmpeq_epi32(off, _mm256_setzero_si256());
}

QCC_INLINE struct qcc_avx2_wide qcc_avx2_judged(__m256d low, __m256d high, __m256i doubt) {
  const __m256i near = qcc_avx2_in_doubt(low, high);
  return (struct qcc_avx2_wide){low, high, _mm256_or_si256(near, doubt)};
}

/* exp(x) for |x| < 700; the polynomial by powers of r, r^2 and r^4, as one sum after the other would be waited for. */
QCC_INLINE __m256d qcc_avx2_exp_near(__m256d x) {
  const __m256d shift = QCC_AVX2_D(6755399441055744.0);
  const __m256d shifted = _mm256_fmadd_pd(x, QCC_AVX2_D(1.4426950408889634), shift);
  const __m256d r = _mm256_fnmadd_pd(_mm256_sub_pd(shifted, shift), QCC_AVX2_D(0.6931471805599453), x);
  const __m256d rr = _mm256_mul_pd(r, r);
#define QCC_AVX2_PAIR(i) _mm256_fmadd_pd(QCC_AVX2_D(qcc_avx2_near_exp[(i) + 1]), r, QCC_AVX2_D(qcc_avx2_near_exp[i]))
  const __m256d high = _mm256_fmadd_pd(QCC_AVX2_D(qcc_avx2_near_exp[8]), rr, QCC_AVX2_PAIR(6));
  const __m256d middle = _mm256_fmadd_pd(QCC_AVX2_PAIR(4), rr, QCC_AVX2_PAIR(2));
  const __m256d p = _mm256_fmadd_pd(_mm256_fmadd_pd(high, _mm256_mul_pd(rr, rr), middle), rr, QCC_AVX2_PAIR(0));
#undef QCC_AVX2_PAIR
  const __m256i power = _mm256_slli_epi64(_mm256_castpd_si256(shifted), 52);
  return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(p), power));
}

/* tanh(x) for 0 <= x < 40. */
QCC_INLINE __m256d qcc_avx2_tanh_near(__m256d x) {
  const __m256d e = qcc_avx2_exp_near(_mm256_mul_pd(x, QCC_AVX2_D(-2.0))), one = QCC_AVX2_D(1.0), z = _mm256_mul_pd(x, x);
  const __m256d far = _mm256_div_pd(_mm256_sub_pd(one, e), _mm256_add_pd(one, e));
  __m256d p = QCC_AVX2_D(qcc_avx2_near_tanh[5]);
  for (int32_t i = 4; i >= 0; i--) p = _mm256_fmadd_pd(p, z, QCC_AVX2_D(qcc_avx2_near_tanh[i]));
  return qcc_avx2_if(qcc_avx2_less(x, QCC_AVX2_D(0.25)), _mm256_mul_pd(p, x), far);
}

/* |x| / 2 erfc(|x| / sqrt(2)) for a = |x| <= 14.6. */
QCC_INLINE __m256d qcc_avx2_gelu_tail_near(__m256d a) {
  const __m256d u = _mm256_mul_pd(a, QCC_AVX2_D(0.7071067811865476)), half = _mm256_mul_pd(a, QCC_AVX2_D(0.5));
  const __m256d e = qcc_avx2_exp_near(_mm256_mul_pd(qcc_avx2_neg_pd(half), a));
  /* One division for both: 1 / ((u + 3)(2u + 1)). */
  const __m256d plus = _mm256_add_pd(u, QCC_AVX2_D(3.0)), twice = _mm256_fmadd_pd(u, QCC_AVX2_D(2.0), QCC_AVX2_D(1.0));
  const __m256d inverse = _mm256_div_pd(QCC_AVX2_D(1.0), _mm256_mul_pd(plus, twice));
  const __m256d t = _mm256_mul_pd(_mm256_mul_pd(_mm256_sub_pd(u, QCC_AVX2_D(3.0)), twice), inverse);
  const __m256d tt = _mm256_mul_pd(t, t);
  __m256d even = QCC_AVX2_D(qcc_avx2_near_erfc[14]), odd = QCC_AVX2_D(qcc_avx2_near_erfc[13]);
  for (int32_t i = 12; i >= 2; i -= 2) {
    even = _mm256_fmadd_pd(even, tt, QCC_AVX2_D(qcc_avx2_near_erfc[i]));
    odd = _mm256_fmadd_pd(odd, tt, QCC_AVX2_D(qcc_avx2_near_erfc[i - 1]));
  }
  even = _mm256_fmadd_pd(even, tt, QCC_AVX2_D(qcc_avx2_near_erfc[0]));
  return _mm256_mul_pd(_mm256_mul_pd(_mm256_mul_pd(half, e), _mm256_fmadd_pd(odd, t, even)), _mm256_mul_pd(plus, inverse));
}

QCC_INLINE __m256d qcc_avx2_gelu_near(__m256d x, __m256d a) {
  return _mm256_sub_pd(_mm256_max_pd(x, _mm256_setzero_pd()), qcc_avx2_gelu_tail_near(a));
}

/* exp of an argument cut to -87..87; lanes that are no number, or above 87, are in doubt. */
QCC_INLINE __m256d qcc_avx2_exp_within(__m256d x, __m256i *doubt) {
  *doubt = _mm256_castpd_si256(_mm256_cmp_pd(x, QCC_AVX2_D(87.0), _CMP_NLE_UQ));
  return qcc_avx2_exp_near(_mm256_max_pd(_mm256_min_pd(x, QCC_AVX2_D(87.0)), QCC_AVX2_D(-87.0)));
}

/* x / (1 + exp(v)) */
QCC_INLINE struct qcc_avx2_wide qcc_avx2_over_one_and_exp(__m256d x0, __m256d x1, __m256d v0, __m256d v1) {
  __m256i low, high;
  const __m256d one = QCC_AVX2_D(1.0);
  const __m256d y0 = _mm256_div_pd(x0, _mm256_add_pd(one, qcc_avx2_exp_within(v0, &low)));
  const __m256d y1 = _mm256_div_pd(x1, _mm256_add_pd(one, qcc_avx2_exp_within(v1, &high)));
  return qcc_avx2_judged(y0, y1, _mm256_or_si256(low, high));
}

QCC_INLINE __m256d qcc_avx2_gelu_tanh_argument(__m256d d) {
  const __m256d cube = _mm256_mul_pd(_mm256_mul_pd(d, d), d);
  return _mm256_mul_pd(QCC_AVX2_D(-1.5957691216057308), _mm256_fmadd_pd(QCC_AVX2_D(0.044715), cube, d));
}

/* Of |x|, cut to where it begins to round to 1. */
QCC_INLINE struct qcc_avx2_wide qcc_avx2_tanh_wide(__m256 x) {
  const __m256 a = _mm256_min_ps(_mm256_set1_ps(20.0f), _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x)); /* of a NaN: the NaN */
  return qcc_avx2_judged(qcc_avx2_tanh_near(qcc_avx2_low_pd(a)), qcc_avx2_tanh_near(qcc_avx2_high_pd(a)), _mm256_setzero_si256());
}

QCC_INLINE struct qcc_avx2_wide qcc_avx2_gelu_wide(__m256 x) {
  const __m256 a = _mm256_min_ps(_mm256_set1_ps(14.6f), _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x));
  const __m256d low = qcc_avx2_gelu_near(qcc_avx2_low_pd(x), qcc_avx2_low_pd(a));
  const __m256d high = qcc_avx2_gelu_near(qcc_avx2_high_pd(x), qcc_avx2_high_pd(a));
  /* The formula says -0 there. */
  return qcc_avx2_judged(low, high, _mm256_castps_si256(_mm256_cmp_ps(x, _mm256_set1_ps(-14.5f), _CMP_LT_OQ)));
}

QCC_INLINE struct qcc_avx2_wide qcc_avx2_unary_wide(int32_t fn, __m256 x, float alpha) {
  const __m256d x0 = qcc_avx2_low_pd(x), x1 = qcc_avx2_high_pd(x);
  const __m256d turn = QCC_AVX2_D(-(double)alpha);
  if (fn == QCC_UNARY_TANH) return qcc_avx2_tanh_wide(x);
  if (fn == QCC_UNARY_GELU) return qcc_avx2_gelu_wide(x);
  if (fn == QCC_UNARY_GELU_TANH)
    return qcc_avx2_over_one_and_exp(x0, x1, qcc_avx2_gelu_tanh_argument(x0), qcc_avx2_gelu_tanh_argument(x1));
  if (fn == QCC_UNARY_SWISH)
    return qcc_avx2_over_one_and_exp(x0, x1, _mm256_mul_pd(turn, x0), _mm256_mul_pd(turn, x1));
  /* exp: below -87 results are no normal floats. */
  const __m256 a = _mm256_max_ps(_mm256_min_ps(x, _mm256_set1_ps(88.0f)), _mm256_set1_ps(-88.0f));
  const __m256 off = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_add_ps(x, _mm256_set1_ps(-0.5f)));
  const __m256 beyond = _mm256_cmp_ps(off, _mm256_set1_ps(87.0f), _CMP_NLE_UQ);
  return qcc_avx2_judged(qcc_avx2_exp_near(qcc_avx2_low_pd(a)), qcc_avx2_exp_near(qcc_avx2_high_pd(a)),
                         _mm256_castps_si256(beyond));
}

/* The formula itself, 4 doubles at a time. */
QCC_INLINE __m256d qcc_avx2_unary_4(int32_t fn, __m256d x, float alpha) {
  switch (fn) {
    case QCC_UNARY_EXP: return qcc_avx2_exp(x);
    case QCC_UNARY_TANH: return qcc_avx2_tanh(x);
    case QCC_UNARY_GELU: return qcc_avx2_gelu(x);
    case QCC_UNARY_GELU_TANH: return qcc_avx2_gelu_tanh(x);
    default: return qcc_avx2_swish(x, (double)alpha);
  }
}

QCC_INLINE __m256 qcc_avx2_formula_8(int32_t fn, __m256 x, float alpha) {
  const __m256d low = qcc_avx2_unary_4(fn, qcc_avx2_low_pd(x), alpha);
  const __m256d high = qcc_avx2_unary_4(fn, qcc_avx2_high_pd(x), alpha);
  return _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
}

static QCC_NOINLINE QCC_MAYBE_UNUSED __m256 qcc_avx2_formula_again(int32_t fn, __m256 x, float alpha) {
  return qcc_avx2_formula_8(fn, x, alpha);
}

/* Lanes of 1..2^23, the bits of positive floats up to the least normal one: other rules of rounding hold there. */
QCC_INLINE __m256i qcc_avx2_tiny(__m256i magnitude) {
  const __m256i low = _mm256_cmpgt_epi32(_mm256_set1_epi32(0x00800001), magnitude);
  return _mm256_and_si256(low, _mm256_cmpgt_epi32(magnitude, _mm256_setzero_si256()));
}

QCC_INLINE __m256 qcc_avx2_unary_8(int32_t fn, __m256 x, float alpha) {
  if (fn == QCC_UNARY_SIGMOID) return qcc_avx2_sigmoid_8(x);
  if (fn == QCC_UNARY_ERF) return qcc_avx2_erf_8(x);
  const struct qcc_avx2_wide v = qcc_avx2_unary_wide(fn, x, alpha);
  __m256i y = _mm256_castps_si256(qcc_avx2_narrowed(v)), doubt = v.doubt;
  const __m256i magnitude = _mm256_and_si256(y, _mm256_set1_epi32(0x7fffffff));
  if (fn == QCC_UNARY_TANH || fn == QCC_UNARY_GELU)
    y = _mm256_or_si256(y, _mm256_and_si256(_mm256_castps_si256(x), _mm256_set1_epi32(INT32_MIN)));
  if (fn == QCC_UNARY_TANH) {
    doubt = _mm256_or_si256(doubt, qcc_avx2_tiny(magnitude)); /* 0 is sure: f(0) = 0 with its sign */
  } else if (fn != QCC_UNARY_EXP) {
    const __m256i tiny = _mm256_cmpgt_epi32(_mm256_set1_epi32(0x00800001), magnitude);
    const __m256i some = _mm256_castps_si256(_mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_NEQ_UQ));
    doubt = _mm256_or_si256(doubt, _mm256_and_si256(tiny, some));
  }
  return _mm256_testz_si256(doubt, doubt) ? _mm256_castsi256_ps(y) : qcc_avx2_formula_again(fn, x, alpha);
}

#endif
