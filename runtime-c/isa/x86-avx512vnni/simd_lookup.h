/* SPDX-License-Identifier: 0BSD */
/* y = table[x] for 64 bytes: a table as 128 pairs of bytes in four vectors.
 *
 *   vpermt2w    looks an index's low six bits up in two vectors: pairs 0 .. 63 and 64 .. 127, chosen between by bit 6
 *   index       x / 2, of the even bytes and of the odd bytes of x apart; x's lowest bit says which byte of the pair it is
 *
 * 15 instructions. VBMI's byte permutations would do with half of them, but not every CPU with VNNI has them. */
#ifndef QCC_X86_AVX512VNNI_SIMD_LOOKUP_H
#define QCC_X86_AVX512VNNI_SIMD_LOOKUP_H

#include "simd.h"

/* Words that hold the entries of q in one of their bytes: `index` is q >> 1 in its low 7 bits, `upper` is its seventh. */
QCC_INLINE __m512i qcc_vnni_entries(const uint8_t *table, __m512i index, __mmask32 upper) {
  const __m512i low = _mm512_permutex2var_epi16(qcc_vnni_load(table), index, qcc_vnni_load(table + 64));
  return _mm512_mask_blend_epi16(upper, low,
                                 _mm512_permutex2var_epi16(qcc_vnni_load(table + 128), index, qcc_vnni_load(table + 192)));
}

/* Even bytes by one table, odd bytes by another. */
QCC_INLINE __m512i qcc_vnni_lookup_pair(const uint8_t *even, const uint8_t *odd, __m512i x) {
  __m512i a = qcc_vnni_entries(even, _mm512_srli_epi16(x, 1), _mm512_test_epi16_mask(x, _mm512_set1_epi16(0x80)));
  __m512i b = qcc_vnni_entries(odd, _mm512_srli_epi16(x, 9), _mm512_movepi16_mask(x));
  a = _mm512_mask_srli_epi16(a, _mm512_test_epi16_mask(x, _mm512_set1_epi16(1)), a, 8);
  b = _mm512_mask_slli_epi16(b, _mm512_testn_epi16_mask(x, _mm512_set1_epi16(0x100)), b, 8);
  return _mm512_mask_blend_epi8(UINT64_C(0xaaaaaaaaaaaaaaaa), a, b);
}

QCC_INLINE __m512i qcc_vnni_lookup(const uint8_t *table, __m512i x) { return qcc_vnni_lookup_pair(table, table, x); }

#endif
