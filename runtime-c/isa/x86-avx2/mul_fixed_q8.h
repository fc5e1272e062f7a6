/* SPDX-License-Identifier: 0BSD */
/* mul_fixed_q8 on AVX2: TFLite's products of 8-bit tensors, 32 elements a turn, all of it in 16 bits.
 *
 *   With n = |a - a_zero| * |b - b_zero| < 2^16, w = 2 * multiplier and r = -shift, qcc_fixed_double of n is
 *   (nearest(n * w / 2^32) + 2^(r - 1)) >> r; that of -n is the opposite unless the first of the two roundings ties.
 *
 *   pmulhuw by the low half of w         what it adds to the upper 32 of 48 bits of n * w
 *   pmullw, pmulhuw by the high half     the rest of these: their low halves are added for the carry
 *   pavgw with 0                         a half added before a shift by one, which never overflows
 *
 * A tie takes a multiplier with 15 zeros at its end, as n has fewer than 16; such ones, and shifts to the left or by more than
 * 16, are plain C. */
#ifndef QCC_X86_AVX2_MUL_FIXED_Q8_H
#define QCC_X86_AVX2_MUL_FIXED_Q8_H

#include "isa/scalar/fixed_q8.h"
#include "simd.h"

/* The numbers of a layer as vectors. */
struct qcc_avx2_product {
  __m256i a_zero, b_zero, high, low, y_zero, y_min, y_max;
  __m128i right; /* r - 1 */
};

QCC_INLINE struct qcc_avx2_product qcc_avx2_product_of(struct qcc_mul_fixed_q8_data d) {
  const struct qcc_avx2_product s = {_mm256_set1_epi16((int16_t)d.a_zero),
                                     _mm256_set1_epi16((int16_t)d.b_zero),
                                     _mm256_set1_epi16((int16_t)(d.multiplier >> 15)),
                                     _mm256_set1_epi16((int16_t)((uint32_t)d.multiplier << 1 & 0xffffu)),
                                     _mm256_set1_epi16((int16_t)d.y_zero),
                                     _mm256_set1_epi16((int16_t)d.y_min),
                                     _mm256_set1_epi16((int16_t)d.y_max),
                                     _mm_cvtsi32_si128(-d.shift - 1)};
  return s;
}

/* nearest(n * w / 2^32), ties up. */
QCC_INLINE __m256i qcc_avx2_product_high(struct qcc_avx2_product s, __m256i n) {
  const __m256i all = _mm256_set1_epi16(-1);
  const __m256i low = _mm256_mullo_epi16(n, s.high), rest = _mm256_mulhi_epu16(n, s.low);
  /* ~((low + rest) >> 1): pavgw rounds up. */
  const __m256i half = _mm256_avg_epu16(_mm256_xor_si256(low, all), _mm256_xor_si256(rest, all));
  const __m256i carry = _mm256_srli_epi16(_mm256_sub_epi16(_mm256_set1_epi16(4), _mm256_srli_epi16(half, 14)), 1);
  return _mm256_add_epi16(_mm256_mulhi_epu16(n, s.high), carry);
}

/* Sixteen results as s16, clamped; a and b hold bytes. */
QCC_INLINE __m256i qcc_avx2_product_16(struct qcc_mul_fixed_q8_params p, struct qcc_avx2_product s, __m128i a, __m128i b) {
  const __m256i av = _mm256_sub_epi16(qcc_avx2_widen(a, p.a_signed), s.a_zero);
  const __m256i bv = _mm256_sub_epi16(qcc_avx2_widen(b, p.b_signed), s.b_zero);
  const __m256i high = qcc_avx2_product_high(s, _mm256_mullo_epi16(_mm256_abs_epi16(av), _mm256_abs_epi16(bv)));
  const __m256i v = _mm256_avg_epu16(_mm256_srl_epi16(high, s.right), _mm256_setzero_si256());
  const __m256i bounded = _mm256_min_epu16(v, _mm256_set1_epi16(1023));
  const __m256i y = _mm256_add_epi16(_mm256_sign_epi16(_mm256_sign_epi16(bounded, av), bv), s.y_zero);
  return _mm256_min_epi16(_mm256_max_epi16(y, s.y_min), s.y_max);
}

/* The bytes of 32 words within s8 or u8. */
QCC_INLINE __m256i qcc_avx2_product_bytes(__m256i low, __m256i high) {
  const __m256i mask = _mm256_set1_epi16(255);
  const __m256i v = _mm256_packus_epi16(_mm256_and_si256(low, mask), _mm256_and_si256(high, mask));
  return _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0));
}

/* One row: b has its own element for each of a's, or one for all. */
QCC_INLINE void qcc_avx2_product_row(struct qcc_mul_fixed_q8_params p, struct qcc_avx2_product s, const uint8_t *a,
                                     const uint8_t *b, uint8_t *y, int32_t columns) {
  const int32_t one = p.b_column == 0;
  const __m128i same = _mm_set1_epi8((int8_t)*b);
  int32_t i = 0;
  for (; i + 32 <= columns; i += 32) {
    const __m256i low = qcc_avx2_product_16(p, s, qcc_avx2_load_half(a + i), one ? same : qcc_avx2_load_half(b + i));
    const __m256i high = qcc_avx2_product_16(p, s, qcc_avx2_load_half(a + i + 16), one ? same : qcc_avx2_load_half(b + i + 16));
    qcc_avx2_store(y + i, qcc_avx2_product_bytes(low, high));
  }
  for (; i < columns; i += 16) {
    const int32_t count = columns - i;
    const __m128i av = qcc_avx2_load_up_to_16(a + i, count, a + columns);
    const __m128i bv = one ? same : qcc_avx2_load_up_to_16(b + i, count, b + columns);
    const __m256i v = qcc_avx2_product_16(p, s, av, bv);
    qcc_avx2_store_up_to_16(y + i, _mm256_castsi256_si128(qcc_avx2_product_bytes(v, v)), count);
  }
}

QCC_INLINE void qcc_mul_fixed_q8__32__x86_avx2(struct qcc_mul_fixed_q8_params p, struct qcc_mul_fixed_q8_data d,
                                               const uint8_t *a, const uint8_t *b, uint8_t *y) {
  const int32_t is_one_row = p.rows == 1 || (p.b_column == 1 && p.b_row == p.columns);
  const int32_t rows = is_one_row ? 1 : p.rows, columns = is_one_row ? p.rows * p.columns : p.columns;
  const struct qcc_avx2_product s = qcc_avx2_product_of(d);
  if (d.shift >= 0 || d.shift < -16 || (d.multiplier & 0x7fff) == 0) {
    qcc_mul_fixed_q8__1__scalar(p, d, a, b, y);
    return;
  }
  for (ptrdiff_t r = 0; r < rows; r++) qcc_avx2_product_row(p, s, a + r * columns, b + r * p.b_row, y + r * columns, columns);
}

#endif
