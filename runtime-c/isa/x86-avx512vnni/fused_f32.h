/* SPDX-License-Identifier: 0BSD */
/* What follows the sum of a float convolution, 16 channels at a time: functions QCC_FUSED_*. */
#ifndef QCC_X86_AVX512VNNI_FUSED_F32_H
#define QCC_X86_AVX512VNNI_FUSED_F32_H

#include "isa/x86-avx2/fused_f32.h"
#include "simd_unary.h"

/* x * (x / 6 + 1 / 2) in double, rounded once; x from 3 on, -0 up to -3. */
QCC_INLINE __m256 qcc_vnni_hard_swish_8(__m512d x) {
  return _mm512_cvtpd_ps(_mm512_mul_pd(x, _mm512_add_pd(_mm512_div_pd(x, QCC_VNNI_D(6.0)), QCC_VNNI_D(0.5))));
}
QCC_INLINE __m512 qcc_vnni_hard_swish_16(__m512 x) {
  const __m256 low = qcc_vnni_hard_swish_8(qcc_vnni_low_pd(x)), high = qcc_vnni_hard_swish_8(qcc_vnni_high_pd(x));
  const __m512 y = _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
  const __m512 above = _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(x, _mm512_set1_ps(3.0f), _CMP_GE_OQ), x);
  return _mm512_mask_mov_ps(above, _mm512_cmp_ps_mask(x, _mm512_set1_ps(-3.0f), _CMP_LE_OQ), _mm512_set1_ps(-0.0f));
}

/* x * sigmoid(x), each rounded to float; not to be contracted with a sum. */
QCC_INLINE __m512 qcc_vnni_silu_16(__m512 x) {
  __m512 y = _mm512_mul_ps(x, qcc_vnni_unary_16(QCC_UNARY_SIGMOID, x, 0.0f));
  QCC_VNNI_FENCE(y);
  return y;
}

QCC_INLINE __m512 qcc_vnni_leaky_relu_16(__m512 x, float alpha) {
  __m512 less = _mm512_mul_ps(x, _mm512_set1_ps(alpha));
  QCC_VNNI_FENCE(less);
  return _mm512_mask_mov_ps(less, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GE_OQ), x);
}

/* fn is a literal; see qcc_avx2_fused_8. */
QCC_INLINE __m512 qcc_vnni_fused_16(int32_t fn, __m512 x, float a, float b) {
  switch (fn) {
    case QCC_FUSED_NONE: return x;
    case QCC_FUSED_CLAMP: return _mm512_min_ps(_mm512_set1_ps(b), _mm512_max_ps(_mm512_set1_ps(a), x));
    case QCC_FUSED_LEAKY_RELU: return qcc_vnni_leaky_relu_16(x, a);
    case QCC_FUSED_HARD_SWISH: return qcc_vnni_hard_swish_16(x);
    case QCC_FUSED_SIGMOID: return qcc_vnni_unary_16(QCC_UNARY_SIGMOID, x, 0.0f);
    case QCC_FUSED_SILU: return qcc_vnni_silu_16(x);
    default: return qcc_vnni_unary_16(QCC_UNARY_SWISH, x, a);
  }
}

#endif
