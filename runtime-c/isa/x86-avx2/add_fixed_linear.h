/* SPDX-License-Identifier: 0BSD */
/* The linear form of add_fixed_q8 on AVX2, 32 elements a turn.
 *
 *   punpck, punpck      bytes of a and b side by side, as u16 pairs: signed ones as x + 128, which the constant takes back
 *   pmaddwd twice       a * A + b * B of the factors' lower 12 bits, and of what is above them, shifted left by 12
 *   paddd twice, psrad  modulo 2^32, where the whole fits; then packs, packs, in order
 *
 * Factors lie within +-2^24: their products with 128 fit 32 bits. vpmulld would take two widenings and two slow products. */
#ifndef QCC_X86_AVX2_ADD_FIXED_LINEAR_H
#define QCC_X86_AVX2_ADD_FIXED_LINEAR_H

#include "qcc/add_fixed_q8.h"
#include "simd.h"

struct qcc_avx2_linear {
  __m256i lower, upper, constant, flip_a, flip_b, low, high;
};

/* a in the low halves of words, b in the high ones. */
QCC_INLINE __m256i qcc_avx2_pair_of(int32_t a, int32_t b) {
  return _mm256_set1_epi32((int32_t)(((uint32_t)a & 0xffffu) | (uint32_t)b << 16));
}

QCC_INLINE struct qcc_avx2_linear qcc_avx2_linear_of(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d) {
  const uint32_t back = (p.a_signed ? (uint32_t)d.a_factor << 7 : 0u) + (p.b_signed ? (uint32_t)d.b_factor << 7 : 0u);
  struct qcc_avx2_linear s;
  s.lower = qcc_avx2_pair_of(d.a_factor & 4095, d.b_factor & 4095);
  s.upper = qcc_avx2_pair_of(d.a_factor >> 12, d.b_factor >> 12);
  s.constant = _mm256_set1_epi32((int32_t)((uint32_t)d.constant - back));
  s.flip_a = _mm256_set1_epi8(p.a_signed ? -128 : 0);
  s.flip_b = _mm256_set1_epi8(p.b_signed ? -128 : 0);
  s.low = _mm256_set1_epi8((int8_t)d.y_min);
  s.high = _mm256_set1_epi8((int8_t)d.y_max);
  return s;
}

/* The sums of eight pairs in 16 bits. */
QCC_INLINE __m256i qcc_avx2_linear_8(struct qcc_avx2_linear s, __m128i shift, __m256i pairs) {
  const __m256i upper = _mm256_slli_epi32(_mm256_madd_epi16(pairs, s.upper), 12);
  const __m256i lower = _mm256_add_epi32(_mm256_madd_epi16(pairs, s.lower), s.constant);
  return _mm256_sra_epi32(_mm256_add_epi32(upper, lower), shift);
}

/* 32 results. */
QCC_INLINE __m256i qcc_avx2_linear_32(struct qcc_add_fixed_q8_params p, int32_t is_signed, struct qcc_avx2_linear s, __m256i a,
                                      __m256i b) {
  const __m128i shift = _mm_cvtsi32_si128(p.linear);
  const __m256i zero = _mm256_setzero_si256();
  if (p.a_signed) a = _mm256_xor_si256(a, s.flip_a);
  if (p.b_signed) b = _mm256_xor_si256(b, s.flip_b);
  const __m256i first = _mm256_unpacklo_epi8(a, b), second = _mm256_unpackhi_epi8(a, b);
  const __m256i v0 = qcc_avx2_linear_8(s, shift, _mm256_unpacklo_epi8(first, zero));
  const __m256i v1 = qcc_avx2_linear_8(s, shift, _mm256_unpackhi_epi8(first, zero));
  const __m256i v2 = qcc_avx2_linear_8(s, shift, _mm256_unpacklo_epi8(second, zero));
  const __m256i v3 = qcc_avx2_linear_8(s, shift, _mm256_unpackhi_epi8(second, zero));
  const __m256i low = _mm256_packs_epi32(v0, v1), high = _mm256_packs_epi32(v2, v3);
  const __m256i v = is_signed ? _mm256_packs_epi16(low, high) : _mm256_packus_epi16(low, high);
  if (p.full) return v;
  return is_signed ? _mm256_min_epi8(_mm256_max_epi8(v, s.low), s.high) : _mm256_min_epu8(_mm256_max_epu8(v, s.low), s.high);
}

/* Elements from `i` on of a row. */
QCC_INLINE void qcc_avx2_linear_rest(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                     const uint8_t *b, uint8_t *y, int32_t i) {
  const struct qcc_avx2_linear s = qcc_avx2_linear_of(p, d);
  const __m256i same = _mm256_set1_epi8((int8_t)*b);
  for (; i + 32 <= p.columns; i += 32)
    qcc_avx2_store(y + i, qcc_avx2_linear_32(p, d.y_min < 0, s, qcc_avx2_load(a + i), p.b_column ? qcc_avx2_load(b + i) : same));
  for (; i < p.columns; i += 16) {
    const int32_t count = p.columns - i;
    const __m256i av = _mm256_castsi128_si256(qcc_avx2_load_up_to_16(a + i, count, a + p.columns));
    const __m256i bv = p.b_column ? _mm256_castsi128_si256(qcc_avx2_load_up_to_16(b + i, count, b + p.columns)) : same;
    qcc_avx2_store_up_to_16(y + i, _mm256_castsi256_si128(qcc_avx2_linear_32(p, d.y_min < 0, s, av, bv)), count);
  }
}

/* One row where rows follow each other in both operands. */
QCC_INLINE struct qcc_add_fixed_q8_params qcc_avx2_sum_rows(struct qcc_add_fixed_q8_params p) {
  if (p.b_column == 1 && p.b_row == p.columns) {
    p.columns *= p.rows;
    p.rows = 1;
  }
  return p;
}

QCC_INLINE void qcc_avx2_add_linear(struct qcc_add_fixed_q8_params p, struct qcc_add_fixed_q8_data d, const uint8_t *a,
                                    const uint8_t *b, uint8_t *y) {
  for (int32_t r = 0; r < p.rows; r++, a += p.columns, b += p.b_row, y += p.columns) qcc_avx2_linear_rest(p, d, a, b, y, 0);
}

#endif
