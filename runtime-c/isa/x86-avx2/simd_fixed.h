/* SPDX-License-Identifier: 0BSD */
/* The fixed-point rules of qcc/requantize.h on 8 accumulators, each with its own multiplier and shift.
 *
 *   vpmuldq multiplies the even lanes to 64 bits; the odd ones are shifted down for a second one and blended back. What
 *   AVX2 lacks, the arithmetic shift of 64 bits, is a logical one of a sum made positive (+ 2^62), less its share.
 *
 * Invariant: the bits of qcc_fixed_double and qcc_fixed_single under the contract of requantize.h. */
#ifndef QCC_X86_AVX2_SIMD_FIXED_H
#define QCC_X86_AVX2_SIMD_FIXED_H

#include "qcc/epilogue.h"
#include "simd.h"

struct qcc_avx2_pairs {
  __m256i multiplier, shift;
};

/* Channels of the 4 pairs at p and the 4 pairs `second` words on. */
QCC_INLINE struct qcc_avx2_pairs qcc_avx2_load_pairs(const int32_t *p, int32_t second) {
  const __m256 a = _mm256_castsi256_ps(qcc_avx2_load(p)), b = _mm256_castsi256_ps(qcc_avx2_load(p + second));
  const struct qcc_avx2_pairs v = {
      _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)), _MM_SHUFFLE(3, 1, 2, 0)),
      _mm256_permute4x64_epi64(_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd)), _MM_SHUFFLE(3, 1, 2, 0))};
  return v;
}

QCC_INLINE __m256i qcc_avx2_fixed_double(__m256i acc, struct qcc_avx2_pairs v) {
  const __m256i zero = _mm256_setzero_si256(), nudge = _mm256_set1_epi64x(INT64_C(1) << 30);
  const __m256i left = _mm256_max_epi32(v.shift, zero), right = _mm256_sub_epi32(left, v.shift);
  acc = _mm256_sllv_epi32(acc, left);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(acc, v.multiplier), nudge);
  const __m256i odd =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(acc, 32), _mm256_srli_epi64(v.multiplier, 32)), nudge);
  const __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 31), _mm256_slli_epi64(odd, 1), 0xaa);
  const __m256i half = _mm256_srli_epi32(_mm256_sllv_epi32(_mm256_set1_epi32(1), right), 1);
  const __m256i below = _mm256_and_si256(_mm256_srai_epi32(high, 31), _mm256_cmpgt_epi32(right, zero));
  return _mm256_srav_epi32(_mm256_add_epi32(_mm256_add_epi32(high, half), below), right);
}

/* qcc_avx2_fixed_double where all shifts are to the right and |acc| < 2^30 (proved is not 0): the high half of twice the product
 * is what has been multiplied. Negative ties go down unless no one can tell (proved is 2). */
QCC_INLINE __m256i qcc_avx2_fixed_right(int32_t proved, __m256i acc, struct qcc_avx2_pairs v) {
  const __m256i nudge = _mm256_set1_epi64x(INT64_C(1) << 31), right = _mm256_sub_epi32(_mm256_setzero_si256(), v.shift);
  acc = _mm256_add_epi32(acc, acc);
  const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(acc, v.multiplier), nudge);
  const __m256i odd =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(acc, 32), _mm256_srli_epi64(v.multiplier, 32)), nudge);
  const __m256i high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
  const __m256i half = _mm256_srli_epi32(_mm256_sllv_epi32(_mm256_set1_epi32(1), right), 1);
  __m256i sum = _mm256_add_epi32(high, half);
  if (proved != 2) sum = _mm256_add_epi32(sum, _mm256_srai_epi32(high, 31));
  return _mm256_srav_epi32(sum, right);
}

/* Four products to nearest, ties away from zero; `below` holds -1 in 64 bits where acc is negative. */
QCC_INLINE __m256i qcc_avx2_nearest(__m256i product, __m256i below, __m256i right) {
  const __m256i one = _mm256_set1_epi64x(1), lift = _mm256_set1_epi64x(INT64_C(1) << 62);
  const __m256i half = _mm256_srli_epi64(_mm256_sllv_epi64(one, right), 1);
  const __m256i sum = _mm256_add_epi64(_mm256_add_epi64(product, below), _mm256_add_epi64(half, lift));
  return _mm256_sub_epi64(_mm256_srlv_epi64(sum, right), _mm256_srlv_epi64(lift, right));
}

QCC_INLINE __m256i qcc_avx2_fixed_single(__m256i acc, struct qcc_avx2_pairs v) {
  const __m256i right = _mm256_sub_epi32(_mm256_set1_epi32(31), v.shift), below = _mm256_srai_epi32(acc, 31);
  const __m256i low = _mm256_set1_epi64x(INT64_C(0xffffffff));
  const __m256i even = qcc_avx2_nearest(_mm256_mul_epi32(acc, v.multiplier), _mm256_shuffle_epi32(below, 0xa0),
                                        _mm256_and_si256(right, low));
  const __m256i odd =
      qcc_avx2_nearest(_mm256_mul_epi32(_mm256_srli_epi64(acc, 32), _mm256_srli_epi64(v.multiplier, 32)),
                       _mm256_shuffle_epi32(below, 0xf5), _mm256_srli_epi64(right, 32));
  return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

QCC_INLINE __m256i qcc_avx2_fixed(struct qcc_epilogue_kind k, __m256i acc, struct qcc_avx2_pairs v) {
  if (k.rounding != QCC_ROUND_TFLITE_DOUBLE) return qcc_avx2_fixed_single(acc, v);
  return k.proved ? qcc_avx2_fixed_right(k.proved, acc, v) : qcc_avx2_fixed_double(acc, v);
}

#endif
