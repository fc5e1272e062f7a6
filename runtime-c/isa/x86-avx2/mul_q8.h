/* SPDX-License-Identifier: 0BSD */
/* mul_q8 on AVX2: y = clamp(rne(f32(f32(p) * scale) + f32(y_zero))), p = (a - a_zero) * (b - b_zero), 32 elements a turn.
 *
 *   vpmovzxbw (sx), psubw        16 values of a and of b; where one row of b serves all rows, b comes from L1 again
 *   pmullw, pmulhw, unpacks      p of 8 elements twice, lane by lane, which packssdw undoes
 *   cvtdq2ps, mulps, addps       rounded twice: never contracted
 *   maxps, minps, cvtps2dq       clamped, then half even; NaN becomes the lower bound
 *
 * s8 results are computed 128 higher and get their top bit flipped. */
#ifndef QCC_X86_AVX2_MUL_Q8_H
#define QCC_X86_AVX2_MUL_Q8_H

#include "qcc/mul_q8.h"
#include "simd_bytes.h"

/* Eight products, clamped and rounded; s8 results are 128 higher. */
QCC_INLINE __m256i qcc_avx2_mul_round(struct qcc_mul_q8_params p, struct qcc_mul_q8_data d, __m256i product) {
  const int32_t up = p.y_signed ? 128 : 0;
  __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(product), _mm256_set1_ps(d.scale));
#if QCC_FENCED
  QCC_AVX2_FENCE(v);
#endif
  v = _mm256_add_ps(v, _mm256_set1_ps((float)(d.y_zero + up)));
  return qcc_avx2_round_clamped(v, (float)(d.y_min + up), (float)(d.y_max + up));
}

/* Sixteen results as s16, in order. */
QCC_INLINE __m256i qcc_avx2_mul_16(struct qcc_mul_q8_params p, struct qcc_mul_q8_data d, __m128i a, __m128i b) {
  const __m256i av = _mm256_sub_epi16(qcc_avx2_widen(a, p.a_signed), _mm256_set1_epi16((int16_t)d.a_zero));
  const __m256i bv = _mm256_sub_epi16(qcc_avx2_widen(b, p.b_signed), _mm256_set1_epi16((int16_t)d.b_zero));
  const __m256i low = _mm256_mullo_epi16(av, bv), high = _mm256_mulhi_epi16(av, bv);
  return _mm256_packs_epi32(qcc_avx2_mul_round(p, d, _mm256_unpacklo_epi16(low, high)),
                            qcc_avx2_mul_round(p, d, _mm256_unpackhi_epi16(low, high)));
}

/* One row: b has its own element for each of a's, or one for all. */
QCC_INLINE void qcc_avx2_mul_row(struct qcc_mul_q8_params p, struct qcc_mul_q8_data d, const uint8_t *a, const uint8_t *b,
                                 uint8_t *y, int32_t columns) {
  const int32_t one = p.b_column == 0;
  const __m128i same = _mm_set1_epi8((int8_t)*b);
  const __m256i flip = _mm256_set1_epi8(p.y_signed ? -128 : 0);
  int32_t i = 0;
  for (; i + 32 <= columns; i += 32) {
    const __m256i low = qcc_avx2_mul_16(p, d, qcc_avx2_load_half(a + i), one ? same : qcc_avx2_load_half(b + i));
    const __m256i high = qcc_avx2_mul_16(p, d, qcc_avx2_load_half(a + i + 16), one ? same : qcc_avx2_load_half(b + i + 16));
    const __m256i v = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), _MM_SHUFFLE(3, 1, 2, 0));
    qcc_avx2_store(y + i, _mm256_xor_si256(v, flip));
  }
  for (; i < columns; i += 16) {
    const int32_t count = columns - i;
    const __m128i av = qcc_avx2_load_up_to_16(a + i, count, a + columns);
    const __m128i bv = one ? same : qcc_avx2_load_up_to_16(b + i, count, b + columns);
    const __m256i low = qcc_avx2_mul_16(p, d, av, bv);
    const __m128i v = _mm_packus_epi16(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    qcc_avx2_store_up_to_16(y + i, _mm_xor_si128(v, _mm256_castsi256_si128(flip)), count);
  }
}

QCC_INLINE void qcc_mul_q8__32__x86_avx2(struct qcc_mul_q8_params p, struct qcc_mul_q8_data d, const uint8_t *a,
                                         const uint8_t *b, uint8_t *y) {
  const int32_t is_one_row = p.rows == 1 || (p.b_column == 1 && p.b_row == p.columns);
  const int32_t rows = is_one_row ? 1 : p.rows, columns = is_one_row ? p.rows * p.columns : p.columns;
  for (ptrdiff_t r = 0; r < rows; r++) qcc_avx2_mul_row(p, d, a + r * columns, b + r * p.b_row, y + r * columns, columns);
}

#endif
