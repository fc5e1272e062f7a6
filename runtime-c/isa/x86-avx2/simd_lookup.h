/* SPDX-License-Identifier: 0BSD */
/* y = table[x] for 32 bytes: 16 lines of 16 bytes, each looked up by the low four bits of x (vpshufb), and of the 16 answers one
 * chosen by the high four bits: between neighbours by bit 4, between pairs by bit 5, ... (vpblendvb goes by top bits, to which
 * shifts bring them). 36 instructions, against 32 loads and 32 stores of single bytes. */
#ifndef QCC_X86_AVX2_SIMD_LOOKUP_H
#define QCC_X86_AVX2_SIMD_LOOKUP_H

#include "simd.h"

QCC_INLINE __m256i qcc_avx2_lookup(const uint8_t *table, __m256i x) {
  const __m256i low = _mm256_and_si256(x, _mm256_set1_epi8(15));
  const __m256i bit4 = _mm256_slli_epi16(x, 3), bit5 = _mm256_slli_epi16(x, 2), bit6 = _mm256_slli_epi16(x, 1);
#define QCC_AVX2_LINE(k) _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(qcc_avx2_load_half(table + 16 * (k))), low)
#define QCC_AVX2_OF_2(k) _mm256_blendv_epi8(QCC_AVX2_LINE(k), QCC_AVX2_LINE((k) + 1), bit4)
#define QCC_AVX2_OF_4(k) _mm256_blendv_epi8(QCC_AVX2_OF_2(k), QCC_AVX2_OF_2((k) + 2), bit5)
#define QCC_AVX2_OF_8(k) _mm256_blendv_epi8(QCC_AVX2_OF_4(k), QCC_AVX2_OF_4((k) + 4), bit6)
  return _mm256_blendv_epi8(QCC_AVX2_OF_8(0), QCC_AVX2_OF_8(8), x);
#undef QCC_AVX2_LINE
#undef QCC_AVX2_OF_2
#undef QCC_AVX2_OF_4
#undef QCC_AVX2_OF_8
}

#endif
