/* SPDX-License-Identifier: 0BSD */
/* From lanes to bytes: narrowing that comes out in order, and the transposition of 16 x 16 bytes. */
#ifndef QCC_X86_AVX2_SIMD_BYTES_H
#define QCC_X86_AVX2_SIMD_BYTES_H

#include "simd.h"

/* Four vectors of 8 s32 within s8 (u8) -> 32 bytes in their order. */
QCC_INLINE __m256i qcc_avx2_narrow_32(__m256i a, __m256i b, __m256i c, __m256i d, int32_t is_signed) {
  const __m256i ab = _mm256_packs_epi32(a, b), cd = _mm256_packs_epi32(c, d);
  const __m256i v = is_signed ? _mm256_packs_epi16(ab, cd) : _mm256_packus_epi16(ab, cd);
  return _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

/* Two vectors of 8 s32 within s8 (u8) -> 16 bytes in their order. */
QCC_INLINE __m128i qcc_avx2_narrow_16(__m256i a, __m256i b, int32_t is_signed) {
  const __m256i ab = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), _MM_SHUFFLE(3, 1, 2, 0));
  const __m128i low = _mm256_castsi256_si128(ab), high = _mm256_extracti128_si256(ab, 1);
  return is_signed ? _mm_packs_epi16(low, high) : _mm_packus_epi16(low, high);
}

/* clamp(rne(v) + zero, low - zero + zero, ...): v's lanes clamped to low..high, then rounded; NaN becomes low. */
QCC_INLINE __m256i qcc_avx2_round_clamped(__m256 v, float low, float high) {
  v = _mm256_max_ps(v, _mm256_set1_ps(low)); /* the second operand where one is NaN */
  return _mm256_cvtps_epi32(_mm256_min_ps(v, _mm256_set1_ps(high)));
}

/* t[i] byte j <-> t[j] byte i: four rounds of interleaving rows r and r + 8. */
QCC_INLINE void qcc_avx2_transpose_16(__m128i t[16]) {
  __m128i u[16];
#define QCC_AVX2_ROUND(to, from)                            \
  for (int32_t i = 0; i < 8; i++) {                         \
    to[2 * i] = _mm_unpacklo_epi8(from[i], from[i + 8]);     \
    to[2 * i + 1] = _mm_unpackhi_epi8(from[i], from[i + 8]); \
  }
  QCC_AVX2_ROUND(u, t)
  QCC_AVX2_ROUND(t, u)
  QCC_AVX2_ROUND(u, t)
  QCC_AVX2_ROUND(t, u)
#undef QCC_AVX2_ROUND
}

#endif
