/* SPDX-License-Identifier: 0BSD */
/* resize_linear_fixed_q8 on AVX2: 16 channels a turn. The last ones of a pixel overlap where its channels are no multiple of 16 (of 8
 * where there are fewer than 16); pixels of fewer than 8 channels write 8, which the next one overwrites.
 *
 *   vpmovzxbw (sx), punpckwd   words of the left and the right pixel side by side, lane by lane, which packssdw undoes
 *   pmaddwd                    left * col_weight + right * col_weight, of the row above and of the row below: below 2^20 in size
 *   pmulld twice, paddd        times the weights of the rows
 *   psrad, paddd, psrad        half a step more, 1 less where negative: to nearest, ties away from zero
 *   pand, packuswb             the low bytes, as the contract cuts off what weights below 0 lead beyond them */
#ifndef QCC_X86_AVX2_RESIZE_LINEAR_FIXED_Q8_H
#define QCC_X86_AVX2_RESIZE_LINEAR_FIXED_Q8_H

#include "qcc/resize_linear_fixed_q8.h"
#include "simd.h"

/* The four pixels an output lies between, and their weights: those of columns as pairs of words. */
struct qcc_avx2_fixed_taps {
  const uint8_t *x00, *x01, *x10, *x11;
  __m256i columns, above, below;
};

/* Eight results in 32 bits, of pairs left and right. */
QCC_INLINE __m256i qcc_avx2_resize_fixed_8(struct qcc_avx2_fixed_taps t, __m256i above, __m256i below) {
  const __m256i top = _mm256_mullo_epi32(_mm256_madd_epi16(above, t.columns), t.above);
  const __m256i sum = _mm256_add_epi32(top, _mm256_mullo_epi32(_mm256_madd_epi16(below, t.columns), t.below));
  return _mm256_srai_epi32(_mm256_add_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(1 << 19)), _mm256_srai_epi32(sum, 31)), 20);
}

/* Sixteen results, of as many bytes. */
QCC_INLINE __m128i qcc_avx2_resize_fixed_16(int32_t is_signed, struct qcc_avx2_fixed_taps t, __m128i x00, __m128i x01, __m128i x10,
                                            __m128i x11) {
  const __m256i a = qcc_avx2_widen(x00, is_signed), b = qcc_avx2_widen(x01, is_signed);
  const __m256i e = qcc_avx2_widen(x10, is_signed), f = qcc_avx2_widen(x11, is_signed);
  const __m256i low = qcc_avx2_resize_fixed_8(t, _mm256_unpacklo_epi16(a, b), _mm256_unpacklo_epi16(e, f));
  const __m256i high = qcc_avx2_resize_fixed_8(t, _mm256_unpackhi_epi16(a, b), _mm256_unpackhi_epi16(e, f));
  const __m256i words = _mm256_and_si256(_mm256_packs_epi32(low, high), _mm256_set1_epi16(255));
  return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

/* `count` (1 to 7) channels of a pixel, or 8. */
QCC_INLINE void qcc_avx2_resize_fixed_few(int32_t is_signed, struct qcc_avx2_fixed_taps t, int32_t count, ptrdiff_t c,
                                          const uint8_t *x_end, uint8_t *y, const uint8_t *y_end) {
#define QCC_AVX2_RESIZE_LOAD(x) qcc_avx2_load_up_to_16((x) + c, count, x_end)
  const __m128i v = qcc_avx2_resize_fixed_16(is_signed, t, QCC_AVX2_RESIZE_LOAD(t.x00), QCC_AVX2_RESIZE_LOAD(t.x01),
                                             QCC_AVX2_RESIZE_LOAD(t.x10), QCC_AVX2_RESIZE_LOAD(t.x11));
#undef QCC_AVX2_RESIZE_LOAD
  if (y_end - (y + c) >= 8)
    _mm_storel_epi64((__m128i *)(void *)(y + c), v);
  else
    qcc_avx2_store_up_to_16(y + c, v, count);
}

QCC_INLINE void qcc_avx2_resize_fixed_pixel(int32_t is_signed, struct qcc_avx2_fixed_taps t, ptrdiff_t c, uint8_t *y) {
  for (ptrdiff_t i = 0; i < c; i += 16) {
    const ptrdiff_t k = i + 16 <= c ? i : c - 16;
    qcc_avx2_store_half(y + k, qcc_avx2_resize_fixed_16(is_signed, t, qcc_avx2_load_half(t.x00 + k), qcc_avx2_load_half(t.x01 + k),
                                                        qcc_avx2_load_half(t.x10 + k), qcc_avx2_load_half(t.x11 + k)));
  }
}

QCC_INLINE void qcc_resize_linear_fixed_q8__16__x86_avx2(struct qcc_resize_linear_fixed_q8_params p, const uint8_t *x,
                                                         const int32_t *row, const int32_t *row_weight, const int32_t *col,
                                                         const int32_t *col_weight, uint8_t *y) {
  const ptrdiff_t c = p.c, line = (ptrdiff_t)p.w * c;
  const uint8_t *const x_end = x + p.n * p.h * line, *const y_end = y + (ptrdiff_t)p.n * p.oh * p.ow * c;
  for (int32_t n = 0; n < p.n; n++, x += p.h * line)
    for (ptrdiff_t i = 0; i < p.oh; i++) {
      const uint8_t *const above = x + row[2 * i] * line, *const below = x + row[2 * i + 1] * line;
      const __m256i r0 = _mm256_set1_epi32(row_weight[2 * i]), r1 = _mm256_set1_epi32(row_weight[2 * i + 1]);
      for (ptrdiff_t j = 0; j < p.ow; j++, y += c) {
        const ptrdiff_t left = col[2 * j] * c, right = col[2 * j + 1] * c;
        const uint32_t sides = ((uint32_t)col_weight[2 * j] & 0xffffu) | (uint32_t)col_weight[2 * j + 1] << 16;
        const struct qcc_avx2_fixed_taps t = {above + left,  above + right, below + left, below + right, _mm256_set1_epi32((int32_t)sides),
                                              r0,            r1};
        if (c >= 16) {
          qcc_avx2_resize_fixed_pixel(p.x_signed, t, c, y);
          continue;
        }
        qcc_avx2_resize_fixed_few(p.x_signed, t, c < 8 ? p.c : 8, 0, x_end, y, y_end);
        if (c > 8) qcc_avx2_resize_fixed_few(p.x_signed, t, 8, c - 8, x_end, y, y_end);
      }
    }
}

#endif
