/* SPDX-License-Identifier: 0BSD */
/* What follows the sum of a float convolution, 8 channels at a time: after(before(v) + residual). */
#ifndef QCC_X86_AVX2_FUSED_F32_H
#define QCC_X86_AVX2_FUSED_F32_H

#include "qcc/conv2d_f32.h"
#include "simd.h"
#include "simd_judged.h"

/* Functions in double: so much code that a tile keeps its sums and loops over them. */
QCC_INLINE int32_t qcc_avx2_fused_is_long(struct qcc_conv2d_f32_params p) {
  return p.before >= QCC_FUSED_HARD_SWISH || p.after >= QCC_FUSED_HARD_SWISH;
}

/* x * (x / 6 + 1 / 2) in double, rounded once; x from 3 on, -0 up to -3. */
QCC_INLINE __m256d qcc_avx2_hard_swish_4(__m256d x) {
  return _mm256_mul_pd(x, _mm256_add_pd(_mm256_div_pd(x, QCC_AVX2_D(6.0)), QCC_AVX2_D(0.5)));
}
QCC_INLINE __m256 qcc_avx2_hard_swish_8(__m256 x) {
  const __m256d low = qcc_avx2_hard_swish_4(qcc_avx2_low_pd(x)), high = qcc_avx2_hard_swish_4(qcc_avx2_high_pd(x));
  const __m256 y = _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low));
  const __m256 above = _mm256_blendv_ps(y, x, _mm256_cmp_ps(x, _mm256_set1_ps(3.0f), _CMP_GE_OQ));
  return _mm256_blendv_ps(above, _mm256_set1_ps(-0.0f), _mm256_cmp_ps(x, _mm256_set1_ps(-3.0f), _CMP_LE_OQ));
}

/* x * sigmoid(x), each rounded to float; not to be contracted with a sum. */
QCC_INLINE __m256 qcc_avx2_silu_8(__m256 x) {
  __m256 y = _mm256_mul_ps(x, qcc_avx2_unary_8(QCC_UNARY_SIGMOID, x, 0.0f));
  QCC_AVX2_FENCE(y);
  return y;
}

QCC_INLINE __m256 qcc_avx2_leaky_relu_8(__m256 x, float alpha) {
  __m256 less = _mm256_mul_ps(x, _mm256_set1_ps(alpha));
  QCC_AVX2_FENCE(less);
  return _mm256_blendv_ps(less, x, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GE_OQ));
}

/* fn is a literal. Of a clamp: the second operand of a minimum or maximum is what stays where one is NaN, or both are 0. */
QCC_INLINE __m256 qcc_avx2_fused_8(int32_t fn, __m256 x, float a, float b) {
  switch (fn) {
    case QCC_FUSED_NONE: return x;
    case QCC_FUSED_CLAMP: return _mm256_min_ps(_mm256_set1_ps(b), _mm256_max_ps(_mm256_set1_ps(a), x));
    case QCC_FUSED_LEAKY_RELU: return qcc_avx2_leaky_relu_8(x, a);
    case QCC_FUSED_HARD_SWISH: return qcc_avx2_hard_swish_8(x);
    case QCC_FUSED_SIGMOID: return qcc_avx2_unary_8(QCC_UNARY_SIGMOID, x, 0.0f);
    case QCC_FUSED_SILU: return qcc_avx2_silu_8(x);
    default: return qcc_avx2_unary_8(QCC_UNARY_SWISH, x, a);
  }
}

/* `count` floats of up to 8. */
QCC_INLINE __m256i qcc_avx2_f32_mask(int32_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
QCC_INLINE __m256 qcc_avx2_f32_some(const float *x, int32_t count) {
  return count >= 8 ? _mm256_loadu_ps(x) : _mm256_maskload_ps(x, qcc_avx2_f32_mask(count));
}
QCC_INLINE void qcc_avx2_f32_store(float *y, int32_t count, __m256 v) {
  if (count >= 8)
    _mm256_storeu_ps(y, v);
  else
    _mm256_maskstore_ps(y, qcc_avx2_f32_mask(count), v);
}

/* Stores the epilogue of v, `count` (1 or more) channels of a pixel, at element `at` of y. */
QCC_INLINE void qcc_avx2_fused_store(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, __m256 v, int32_t count,
                                     const float *residual, float *y, ptrdiff_t at) {
  v = qcc_avx2_fused_8(p.before, v, d.before_a, d.before_b);
  if (p.has_add) v = _mm256_add_ps(v, qcc_avx2_f32_some(residual + at, count));
  qcc_avx2_f32_store(y + at, count, qcc_avx2_fused_8(p.after, v, d.after_a, d.after_b));
}

/* The same for kept sums of `pixels` times 16 channels, `valid` of which exist. */
QCC_INLINE void qcc_avx2_fused_kept(struct qcc_conv2d_f32_params p, struct qcc_conv2d_f32_data d, const float *kept,
                                    int32_t pixels, int32_t valid, const float *residual, float *y, const ptrdiff_t *at) {
  QCC_AVX2_OPAQUE(pixels); /* once, whatever their number */
  for (int32_t i = 0; i < pixels; i++)
    for (int32_t j = 0; j < valid; j += 8)
      qcc_avx2_fused_store(p, d, _mm256_loadu_ps(kept + 16 * i + j), valid - j, residual, y, at[i] + j);
}

#endif
