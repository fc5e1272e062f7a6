/* SPDX-License-Identifier: 0BSD */
/* add_fixed_q8 with AVX-512: the linear form as AVX2's, 64 elements a turn, vpdpwssd adding the constant. Ends of rows and the
 * other form are AVX2's. */
#ifndef QCC_X86_AVX512VNNI_ADD_FIXED_Q8_H
#define QCC_X86_AVX512VNNI_ADD_FIXED_Q8_H

#include "isa/x86-avx2/fixed_q8.h"
#include "simd.h"

/* The sums of 16 pairs. */
QCC_INLINE __m512i qcc_vnni_linear_16(struct qcc_avx2_linear s, __m128i shift, __m512i pairs) {
  const __m512i upper = _mm512_slli_epi32(_mm512_madd_epi16(pairs, _mm512_broadcast_i64x4(s.upper)), 12);
  const __m512i lower = _mm512_dpwssd_epi32(_mm512_broadcast_i64x4(s.constant), pairs, _mm512_broadcast_i64x4(s.lower));
  return _mm512_sra_epi32(_mm512_add_epi32(upper, lower), shift);
}

QCC_INLINE __m512i qcc_vnni_linear_64(struct qcc_add_fixed_q8_params p, int32_t is_signed, struct qcc_avx2_linear s, __m512i a,
                                      __m512i b) {
  const __m128i shift = _mm_cvtsi32_si128(p.linear);
  const __m512i zero = _mm512_setzero_si512();
  if (p.a_signed) a = _mm512_xor_si512(a, _mm512_broadcast_i64x4(s.flip_a));
  if (p.b_signed) b = _mm512_xor_si512(b, _mm512_broadcast_i64x4(s.flip_b));
  const __m512i first = _mm512_unpacklo_epi8(a, b), second = _mm512_unpackhi_epi8(a, b);
  const __m512i v0 = qcc_vnni_linear_16(s, shift, _mm512_unpacklo_epi8(first, zero));
  const __m512i v1 = qcc_vnni_linear_16(s, shift, _mm512_unpackhi_epi8(first, zero));
  const __m512i v2 = qcc_vnni_linear_16(s, shift, _mm512_unpacklo_epi8(second, zero));
  const __m512i v3 = qcc_vnni_linear_16(s, shift, _mm512_unpackhi_epi8(second, zero));
  const __m512i low = _mm512_packs_epi32(v0, v1), high = _mm512_packs_epi32(v2, v3);
  const __m512i v = is_signed ? _mm512_packs_epi16(low, high) : _mm512_packus_epi16(low, high);
  const __m512i least = _mm512_broadcast_i64x4(s.low), most = _mm512_broadcast_i64x4(s.high);
  if (p.full) return v;
  return is_signed ? _mm512_min_epi8(_mm512_max_epi8(v, least), most) : _mm512_min_epu8(_mm512_max_epu8(v, least), most);
}

QCC_INLINE void qcc_add_fixed_q8__64__x86_avx512vnni(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d,
                                                     const uint8_t *a, const uint8_t *b, uint8_t *y) {
  if (!p.linear) {
    qcc_add_fixed_q8__32__x86_avx2(p, d, a, b, y);
    return;
  }
  const struct qcc_avx2_linear s = qcc_avx2_linear_of(p, d);
  p = qcc_avx2_sum_rows(p);
  for (int32_t r = 0; r < p.rows; r++, a += p.columns, b += p.b_row, y += p.columns) {
    const __m512i same = _mm512_set1_epi8((int8_t)*b);
    int32_t i = 0;
    for (; i + 64 <= p.columns; i += 64)
      qcc_vnni_store(y + i, qcc_vnni_linear_64(p, d.y_min < 0, s, qcc_vnni_load(a + i), p.b_column ? qcc_vnni_load(b + i) : same));
    qcc_avx2_linear_rest(p, d, a, b, y, i);
  }
}

#endif
