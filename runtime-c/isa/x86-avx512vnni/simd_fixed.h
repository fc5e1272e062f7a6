/* SPDX-License-Identifier: 0BSD */
/* The fixed-point rules of qcc/requantize.h on 16 accumulators, each with its own multiplier and shift: even and odd lanes
 * are multiplied to 64 bits apart.
 *
 * Invariant: the bits of qcc_fixed_double and qcc_fixed_single under the contract of requantize.h. */
#ifndef QCC_X86_AVX512VNNI_SIMD_FIXED_H
#define QCC_X86_AVX512VNNI_SIMD_FIXED_H

#include "qcc/epilogue.h"
#include "simd.h"

struct qcc_vnni_pairs {
  __m512i multiplier, shift;
};

/* The pairs of 16 channels at p. */
QCC_INLINE struct qcc_vnni_pairs qcc_vnni_load_pairs(const qcc_vnni_word *p) {
  const __m512i a = qcc_vnni_load(p), b = qcc_vnni_load(p + 16);
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return (struct qcc_vnni_pairs){_mm512_permutex2var_epi32(a, even, b),
                                 _mm512_permutex2var_epi32(a, _mm512_add_epi32(even, _mm512_set1_epi32(1)), b)};
}

QCC_INLINE __m512i qcc_vnni_fixed_double(__m512i acc, struct qcc_vnni_pairs v) {
  const __m512i zero = _mm512_setzero_si512(), nudge = _mm512_set1_epi64(INT64_C(1) << 30);
  const __m512i left = _mm512_max_epi32(v.shift, zero), right = _mm512_sub_epi32(left, v.shift);
  acc = _mm512_sllv_epi32(acc, left);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(acc, v.multiplier), nudge);
  const __m512i odd =
      _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(acc, 32), _mm512_srli_epi64(v.multiplier, 32)), nudge);
  const __m512i high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 31), _mm512_slli_epi64(odd, 1));
  const __m512i half = _mm512_srli_epi32(_mm512_sllv_epi32(_mm512_set1_epi32(1), right), 1);
  __m512i sum = _mm512_add_epi32(high, half);
  sum = _mm512_mask_add_epi32(sum, _mm512_cmpgt_epi32_mask(right, zero), sum, _mm512_srai_epi32(high, 31));
  return _mm512_srav_epi32(sum, right);
}

/* qcc_vnni_fixed_double where all shifts are to the right and |acc| < 2^30 (proved is not 0): the high half of twice the product
 * is what has been multiplied. Negative ties go down unless no one can tell (proved is 2). */
QCC_INLINE __m512i qcc_vnni_fixed_right(int32_t proved, __m512i acc, struct qcc_vnni_pairs v) {
  const __m512i nudge = _mm512_set1_epi64(INT64_C(1) << 31), right = _mm512_sub_epi32(_mm512_setzero_si512(), v.shift);
  acc = _mm512_add_epi32(acc, acc);
  const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(acc, v.multiplier), nudge);
  const __m512i odd =
      _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(acc, 32), _mm512_srli_epi64(v.multiplier, 32)), nudge);
  const __m512i high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
  const __m512i half = _mm512_srli_epi32(_mm512_sllv_epi32(_mm512_set1_epi32(1), right), 1);
  __m512i sum = _mm512_add_epi32(high, half);
  if (proved != 2) sum = _mm512_add_epi32(sum, _mm512_srai_epi32(high, 31));
  return _mm512_srav_epi32(sum, right);
}

/* Eight products to nearest, ties away from zero. */
QCC_INLINE __m512i qcc_vnni_nearest(__m512i product, __m512i right) {
  const __m512i half = _mm512_srli_epi64(_mm512_sllv_epi64(_mm512_set1_epi64(1), right), 1);
  return _mm512_srav_epi64(_mm512_add_epi64(_mm512_add_epi64(product, half), _mm512_srai_epi64(product, 63)), right);
}

QCC_INLINE __m512i qcc_vnni_fixed_single(__m512i acc, struct qcc_vnni_pairs v) {
  const __m512i right = _mm512_sub_epi32(_mm512_set1_epi32(31), v.shift);
  const __m512i even = qcc_vnni_nearest(_mm512_mul_epi32(acc, v.multiplier),
                                        _mm512_and_si512(right, _mm512_set1_epi64(INT64_C(0xffffffff))));
  const __m512i odd = qcc_vnni_nearest(_mm512_mul_epi32(_mm512_srli_epi64(acc, 32), _mm512_srli_epi64(v.multiplier, 32)),
                                       _mm512_srli_epi64(right, 32));
  return _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
}

QCC_INLINE __m512i qcc_vnni_fixed(struct qcc_epilogue_kind k, __m512i acc, struct qcc_vnni_pairs v) {
  if (k.rounding != QCC_ROUND_TFLITE_DOUBLE) return qcc_vnni_fixed_single(acc, v);
  return k.proved ? qcc_vnni_fixed_right(k.proved, acc, v) : qcc_vnni_fixed_double(acc, v);
}

#endif
