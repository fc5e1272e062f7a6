/* SPDX-License-Identifier: 0BSD */
/* conv2d_q8 by byte multiplications that are exact for any activations and any s8 weights. With x as s8 (u8 less 128), |x| <= 128 and
 * ~w = -w - 1 the other sign's multiplication needs no product of its own:
 *
 *   x * w = x >= 0 ? |x| * w : |x| * ~w + |x|        sum over k = sum of |x| * (w ^ (x < 0 ? -1 : 0)) + sum of |x| where x < 0
 *
 * vpmaddubsw multiplies |x| (u8) by what vpxor leaves (s8): the sum of two products lies in 2 * 128 * -128 .. 2 * 128 * 127 and never
 * saturates (128 * -128 twice is -32768). The last sum is one number of a row, which stands behind its steps.
 *
 *   for each block of pixels:   rows = activations under each window (conv2d_rows.h), or the image itself
 *                               signs = of each row, step by step of 4 inputs: 4 magnitudes, 4 masks of their signs
 *     for each panel of 16:     tiles of 5 rows (conv2d_tile.h) */
#ifndef QCC_X86_AVX2_CONV2D_SIGNS_H
#define QCC_X86_AVX2_CONV2D_SIGNS_H

#include "conv2d_q8.h"

/* Bytes of a row of k inputs, which are written 32 at a time; an odd number of cache lines where k is a power of two. */
QCC_INLINE ptrdiff_t qcc_avx2_signs_stride(int32_t k) { return (ptrdiff_t)(k + 31) / 32 * 64 + 64; }

/* One row of k inputs; flip: 128 where they are u8. Reads k rounded up to 32 bytes; what lies past the k-th counts as 0. */
QCC_INLINE void qcc_avx2_put_signs_row(uint8_t *to, const uint8_t *from, int32_t k, int32_t flip) {
  const __m256i zero = _mm256_setzero_si256(), flips = _mm256_set1_epi8((int8_t)flip);
  const __m256i places = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                          24, 25, 26, 27, 28, 29, 30, 31);
  __m256i sums = zero;
  for (int32_t i = 0; i < k; i += 32) {
    __m256i x = _mm256_xor_si256(qcc_avx2_load(from + i), flips);
    if (k - i < 32) x = _mm256_and_si256(x, _mm256_cmpgt_epi8(_mm256_set1_epi8((int8_t)(k - i)), places));
    const __m256i signs = _mm256_cmpgt_epi8(zero, x), sizes = _mm256_abs_epi8(x);
    const __m256i low = _mm256_unpacklo_epi32(sizes, signs), high = _mm256_unpackhi_epi32(sizes, signs);
    qcc_avx2_store(to + 2 * i, _mm256_permute2x128_si256(low, high, 0x20));
    qcc_avx2_store(to + 2 * i + 32, _mm256_permute2x128_si256(low, high, 0x31));
    sums = _mm256_add_epi32(sums, _mm256_sad_epu8(_mm256_and_si256(sizes, signs), zero));
  }
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
  sum = _mm_add_epi32(sum, _mm_unpackhi_epi64(sum, sum));
  *(qcc_avx2_word *)(void *)(to + (ptrdiff_t)(k + 3) / 4 * 8) = _mm_cvtsi128_si32(sum);
}

QCC_INLINE void qcc_avx2_put_signs(uint8_t *to, const uint8_t *from, ptrdiff_t from_stride, int32_t k, int32_t flip, int32_t rows) {
  for (int32_t r = 0; r < rows; r++)
    qcc_avx2_put_signs_row(to + r * qcc_avx2_signs_stride(k), from + r * from_stride, k, flip);
}

/* Bytes between rows before their signs: what is read there was written. */
QCC_INLINE ptrdiff_t qcc_avx2_signs_from_stride(int32_t k) { return qcc_avx2_row_stride((k + 31) / 32 * 32, 1); }

QCC_INLINE void qcc_conv2d_q8__5x16s__x86_avx2(struct qcc_conv2d_q8_params p, struct qcc_conv2d_q8_data d, const uint8_t *x,
                                               const void *w, const int32_t *bias, const void *scale, const uint8_t *residual,
                                               const uint8_t *table, void *y, void *scratch) {
  const int32_t k = p.kh * p.kw * (p.c / p.groups), ocg = p.oc / p.groups, steps = (k + 3) / 4, flip = p.x_signed ? 0 : 128;
  const int32_t pixels = p.n * p.oh * p.ow, in_place = qcc_avx2_is_matrix(p) && p.c % 32 == 0;
  const ptrdiff_t from_stride = in_place ? p.c : qcc_avx2_signs_from_stride(k), stride = qcc_avx2_signs_stride(k);
  const int32_t block = qcc_avx2_block_rows(pixels, from_stride + stride, 5);
  const ptrdiff_t group_bytes = (ptrdiff_t)((ocg + 15) / 16) * steps * 64;
  struct qcc_avx2_rows r = {p, 0, d.x_pad, 0, x, x + (ptrdiff_t)p.n * p.h * p.w * p.c, (uint8_t *)scratch, from_stride};
  struct qcc_avx2_output out = {p.kind, d.e, QCC_AVX2_NATURAL, residual, table, y, 0};
  const int32_t held = pixels < QCC_AVX2_CONV2D_ROWS ? pixels : QCC_AVX2_CONV2D_ROWS;
  uint8_t *const signs = (uint8_t *)scratch + held * qcc_avx2_signs_from_stride(k);
  for (int32_t first = 0; first < pixels; first += block) {
    const int32_t rows = first + block <= pixels ? block : pixels - first;
    for (int32_t g = 0; g < p.groups; g++) {
      const int32_t all = g * ocg;
      struct qcc_avx2_panel q = {QCC_AVX2_SIGNS, steps, (const uint8_t *)w + g * group_bytes, bias + all,
                                 (const qcc_avx2_word *)scale, out, p.oc, 16};
      r.group = g;
      if (!in_place) qcc_avx2_put_rows(r, first, rows);
      qcc_avx2_put_signs(signs, in_place ? x + (ptrdiff_t)first * p.c : r.rows, from_stride, k, flip, rows);
      if (p.kind.out != QCC_OUT_S32) q.scale += (ptrdiff_t)all * qcc_scale_words(p.kind);
      qcc_avx2_block_pass(q, 5, signs, stride, rows, pixels % 5, ocg, ocg % 16, (ptrdiff_t)first * p.oc + all);
    }
  }
}

#endif
