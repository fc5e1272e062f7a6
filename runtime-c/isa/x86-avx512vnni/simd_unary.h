/* SPDX-License-Identifier: 0BSD */
/* Functions of 16 floats as two vectors of 8 doubles (simd_math.h). A vector with a lane in doubt is computed again by the
 * formula, as AVX2 spells it. */
#ifndef QCC_X86_AVX512VNNI_SIMD_UNARY_H
#define QCC_X86_AVX512VNNI_SIMD_UNARY_H

#include "qcc/elementwise_f32.h"
#include "simd_erf.h"
#include "simd_math.h"
#include "simd_sigmoid.h"

/* Results to be rounded, and whether lanes of them are in doubt: a bit of any place. */
struct qcc_vnni_wide {
  __m512d low, high;
  __mmask16 doubt;
};

QCC_INLINE __mmask16 qcc_vnni_both(__mmask8 low, __mmask8 high) { return (__mmask16)(low | high << 8); }

/* Flags lanes near the middle of two floats. */
QCC_INLINE struct qcc_vnni_wide qcc_vnni_judged(__m512d low, __m512d high, __mmask16 doubt, int32_t bits) {
  const __mmask16 near = qcc_vnni_in_doubt(low, high, bits);
  return (struct qcc_vnni_wide){low, high, (__mmask16)(near | doubt)};
}

QCC_INLINE __m512 qcc_vnni_narrowed(struct qcc_vnni_wide v) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(v.low)), _mm512_cvtpd_ps(v.high), 1);
}

/* exp of an argument cut to -87..87; lanes that are no number, or above 87, are in doubt. */
QCC_INLINE __m512d qcc_vnni_exp_within(__m512d x, __mmask8 *doubt) {
  *doubt = _mm512_cmp_pd_mask(x, QCC_VNNI_D(87.0), _CMP_NLE_UQ);
  return qcc_vnni_exp(_mm512_max_pd(_mm512_min_pd(x, QCC_VNNI_D(87.0)), QCC_VNNI_D(-87.0)));
}

/* x / (1 + exp(v)) */
QCC_INLINE struct qcc_vnni_wide qcc_vnni_over_one_and_exp(__m512d x0, __m512d x1, __m512d v0, __m512d v1) {
  __mmask8 low, high;
  const __m512d one = QCC_VNNI_D(1.0);
  const __m512d y0 = _mm512_div_pd(x0, _mm512_add_pd(one, qcc_vnni_exp_within(v0, &low)));
  const __m512d y1 = _mm512_div_pd(x1, _mm512_add_pd(one, qcc_vnni_exp_within(v1, &high)));
  return qcc_vnni_judged(y0, y1, qcc_vnni_both(low, high), 15);
}

QCC_INLINE __m512d qcc_vnni_gelu_tanh_argument(__m512d d) {
  const __m512d cube = _mm512_mul_pd(_mm512_mul_pd(d, d), d);
  return _mm512_mul_pd(QCC_VNNI_D(-1.5957691216057308), _mm512_fmadd_pd(QCC_VNNI_D(0.044715), cube, d));
}

/* Of |x|, cut to where it begins to round to 1. */
QCC_INLINE struct qcc_vnni_wide qcc_vnni_tanh_wide(__m512 x) {
  const __m512 a = _mm512_min_ps(_mm512_set1_ps(20.0f), _mm512_abs_ps(x)); /* of a NaN: the NaN */
  return qcc_vnni_judged(qcc_vnni_tanh(qcc_vnni_low_pd(a)), qcc_vnni_tanh(qcc_vnni_high_pd(a)), 0, 17);
}

QCC_INLINE struct qcc_vnni_wide qcc_vnni_gelu_wide(__m512 x) {
  const __m512 a = _mm512_min_ps(_mm512_set1_ps(14.6f), _mm512_abs_ps(x));
  const __m512d zero = _mm512_setzero_pd();
  const __m512d low = _mm512_sub_pd(_mm512_max_pd(qcc_vnni_low_pd(x), zero), qcc_vnni_gelu_tail(qcc_vnni_low_pd(a)));
  const __m512d high = _mm512_sub_pd(_mm512_max_pd(qcc_vnni_high_pd(x), zero), qcc_vnni_gelu_tail(qcc_vnni_high_pd(a)));
  /* The formula says -0 there. */
  return qcc_vnni_judged(low, high, _mm512_cmp_ps_mask(x, _mm512_set1_ps(-14.5f), _CMP_LT_OQ), 16);
}

QCC_INLINE struct qcc_vnni_wide qcc_vnni_unary_wide(int32_t fn, __m512 x, float alpha) {
  const __m512d x0 = qcc_vnni_low_pd(x), x1 = qcc_vnni_high_pd(x);
  const __m512d turn = QCC_VNNI_D(-(double)alpha);
  if (fn == QCC_UNARY_TANH) return qcc_vnni_tanh_wide(x);
  if (fn == QCC_UNARY_GELU) return qcc_vnni_gelu_wide(x);
  if (fn == QCC_UNARY_GELU_TANH)
    return qcc_vnni_over_one_and_exp(x0, x1, qcc_vnni_gelu_tanh_argument(x0), qcc_vnni_gelu_tanh_argument(x1));
  if (fn == QCC_UNARY_SWISH)
    return qcc_vnni_over_one_and_exp(x0, x1, _mm512_mul_pd(turn, x0), _mm512_mul_pd(turn, x1));
  /* exp: below -87 results are no normal floats. */
  const __m512 a = _mm512_max_ps(_mm512_min_ps(x, _mm512_set1_ps(88.0f)), _mm512_set1_ps(-88.0f));
  const __mmask16 within =
      _mm512_cmp_ps_mask(_mm512_abs_ps(_mm512_add_ps(x, _mm512_set1_ps(-0.5f))), _mm512_set1_ps(87.0f), _CMP_LE_OQ);
  return qcc_vnni_judged(qcc_vnni_exp(qcc_vnni_low_pd(a)), qcc_vnni_exp(qcc_vnni_high_pd(a)), (__mmask16)~within, 15);
}

/* The formula itself. */
static QCC_NOINLINE QCC_MAYBE_UNUSED __m512 qcc_vnni_unary_formula(int32_t fn, __m512 x, float alpha) {
  const __m256 low = qcc_avx2_formula_8(fn, _mm512_castps512_ps256(x), alpha);
  const __m256 high = qcc_avx2_formula_8(fn, _mm512_extractf32x8_ps(x, 1), alpha);
  return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

QCC_INLINE __m512 qcc_vnni_unary_16(int32_t fn, __m512 x, float alpha) {
  if (fn == QCC_UNARY_SIGMOID) return qcc_vnni_sigmoid_16(x);
  if (fn == QCC_UNARY_ERF) return qcc_vnni_erf_16(x);
  const struct qcc_vnni_wide v = qcc_vnni_unary_wide(fn, x, alpha);
  __m512i y = _mm512_castps_si512(qcc_vnni_narrowed(v));
  /* At and below the least normal float other rules of rounding hold; 0 itself is sure where f(0) = 0 with its sign. */
  const __m512i magnitude = _mm512_and_si512(y, _mm512_set1_epi32(0x7fffffff));
  __mmask16 doubt = v.doubt;
  if (fn == QCC_UNARY_TANH || fn == QCC_UNARY_GELU)
    y = _mm512_or_si512(y, _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(INT32_MIN)));
  if (fn == QCC_UNARY_TANH) {
    doubt |= _mm512_cmplt_epu32_mask(_mm512_sub_epi32(magnitude, _mm512_set1_epi32(1)), _mm512_set1_epi32(0x00800000));
  } else if (fn != QCC_UNARY_EXP) {
    const __mmask16 tiny = _mm512_cmple_epu32_mask(magnitude, _mm512_set1_epi32(0x00800000));
    doubt |= _mm512_mask_cmp_ps_mask(tiny, x, _mm512_setzero_ps(), _CMP_NEQ_UQ);
  }
  return doubt == 0 ? _mm512_castsi512_ps(y) : qcc_vnni_unary_formula(fn, x, alpha);
}

#endif
